// Frames, the handshake, and what a supervisor makes of odd ones.
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/supervisor/cases.h"
#include "conformance/supervisor/stage.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/frame.h"
#include "conformance/wire/raw.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr Scene kQuickKill = {.count = 2, .kill_ms = 300};

ToSupervisor HelloFrame(const Actor& actor) {
  ToSupervisor frame;
  frame.mutable_hello()->set_major(1);
  frame.mutable_hello()->set_pid(static_cast<uint32_t>(actor.pid()));
  frame.mutable_hello()->set_name("puppet");
  return frame;
}

void SilentBeforeHello(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  if (auto frame = actor.NextOfAny(500ms)) {
    trial.Miss("DRV-HELLO-4", "nothing before Hello", Describe(*frame));
  }
  actor.Greet();
}

void AnySegmentation(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  // By hand, so that it can be cut; what it means is said beside it.
  ToSupervisor hello = HelloFrame(actor);
  std::string bytes = Framed(hello.SerializeAsString());
  for (size_t i = 0; i + 1 < bytes.size(); ++i) {
    actor.SendPart(absl::string_view(bytes).substr(i, 1));
    actor.AwaitRead();
  }
  actor.SendPart(absl::string_view(bytes).substr(bytes.size() - 1), &hello);
  ToWorker frame = actor.Next("DRV-FRAME-2", "Welcome");
  if (!frame.has_welcome()) {
    trial.Miss("DRV-FRAME-2", "Welcome", Describe(frame));
  }
  uint64_t op = actor.ExpectStart();
  // Three in one write.
  ToSupervisor starting;
  starting.set_re(op);
  starting.mutable_state()->set_state(v1::STATE_STARTING);
  ToSupervisor started = starting;
  started.mutable_state()->set_state(v1::STATE_STARTED);
  std::string together;
  for (const ToSupervisor& each : {starting, starting, started}) {
    together += Framed(each.SerializeAsString());
  }
  actor.SendPart(together, &started);
  actor.ExpectGoodTerms("DRV-FRAME-2");
}

void LargestFrame(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.StartedActor();
  ToSupervisor report;
  report.mutable_fatal();
  ToSupervisor progress;
  progress.mutable_progress()->set_text("x");
  std::string body = progress.SerializeAsString();
  body += raw::BytesField(1000, std::string(kFrameMax - 5 - body.size(), 'x'));
  if (body.size() != kFrameMax) trial.Broken("miscounted");
  actor.SendRaw(body, progress);
  actor.ExpectGoodTerms("DRV-FRAME-3");
}

void Broken(Trial& trial) {
  struct Kind {
    const char* clause;
    std::string bytes;
    int code;
  };
  const Kind kinds[] = {
      {"DRV-FRAME-4", Header(0), v1::PROTOCOL_ERROR_CODE_FRAME_SIZE},
      {"DRV-FRAME-4", Header(65537), v1::PROTOCOL_ERROR_CODE_FRAME_SIZE},
      {"DRV-FRAME-4", "Listening on 8080\n",
       v1::PROTOCOL_ERROR_CODE_FRAME_SIZE},
      {"DRV-FRAME-5", Framed(std::string(11, '\xff')),
       v1::PROTOCOL_ERROR_CODE_PARSE},
  };
  Scene scene = kQuickKill;
  scene.count = 5;
  Stage stage(trial, scene);
  Actor& good = stage.StartedActor();
  for (const Kind& kind : kinds) {
    Actor& bad = stage.StartedActor();
    bad.SendBytes(kind.bytes);
    bad.ExpectError(kind.clause, kind.code);
    bad.ExpectDeath("DRV-SUP-4", 500ms);
    good.ExpectGoodTerms("DRV-SUP-4");
  }
}

std::string UnknownFields() {
  return raw::VarintField(500, 1) + raw::Fixed64Field(501, 2) +
         raw::BytesField(502, "new") + raw::Group(503, raw::VarintField(1, 3)) +
         raw::Fixed32Field(504, 4);
}

void LaterVersion(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  ToSupervisor hello = HelloFrame(actor);
  actor.SendRaw(UnknownFields() + hello.SerializeAsString() + UnknownFields(),
                hello);
  ToWorker welcome = actor.Next("DRV-EVOL-1", "Welcome");
  if (!welcome.has_welcome()) {
    trial.Miss("DRV-EVOL-1", "Welcome", Describe(welcome));
  }
  uint64_t op = actor.ExpectStart();
  ToSupervisor started;
  started.set_re(op);
  started.mutable_state()->set_state(v1::STATE_STARTED);
  started.mutable_state()->set_text(std::string(2000, 't') + "\xff\xfe");
  actor.SendRaw(UnknownFields() + started.SerializeAsString(), started);
  actor.ExpectGoodTerms("DRV-LIMIT-3");
  // A body and a state that it does not know, without op.
  actor.SendRaw(raw::BytesField(99, "new"), ToSupervisor());
  actor.ExpectGoodTerms("DRV-CMD-3");
  ToSupervisor state;
  state.mutable_state()->set_state(static_cast<v1::State>(4000));
  actor.Send(state);
  actor.ExpectGoodTerms("DRV-EVOL-2");
  // With re, it is an answer: not answered.
  actor.SendRaw(raw::VarintField(1, 1000) + raw::VarintField(2, 1) +
                    raw::BytesField(99, "new"),
                ToSupervisor());
  actor.ExpectGoodTermsFrom("DRV-CMD-4", 1001);
}

void Capabilities(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  actor.Greet({2, 2, 4, 999, 70000, 4294967295u});
  actor.ExpectStart("DRV-CAP-3");
  actor.ExpectGoodTerms("DRV-CAP-4");
}

void Version(Trial& trial) {
  Stage stage(trial, {.kill_ms = 300});
  Actor& actor = stage.NextActor();
  ToSupervisor hello = HelloFrame(actor);
  hello.mutable_hello()->set_major(9);
  actor.Send(hello);
  actor.ExpectError("DRV-HELLO-10",
                    v1::PROTOCOL_ERROR_CODE_UNSUPPORTED_VERSION);
  actor.ExpectDeath("DRV-HELLO-10", 500ms);
}

void WelcomeSaysAll(Trial& trial) {
  Stage stage(trial, {.count = 3, .listener = true});
  std::set<uint64_t> incarnations;
  std::set<uint32_t> slots;
  for (int i = 0; i < 3; ++i) {
    Actor& actor = stage.NextActor();
    v1::Welcome welcome = actor.Greet().welcome();
    incarnations.insert(welcome.identity().incarnation());
    slots.insert(welcome.identity().slot());
    if (welcome.identity().pool().empty() ||
        welcome.identity().generation() == 0) {
      trial.Miss("DRV-HELLO-16", "a pool and a generation",
                 welcome.identity().ShortDebugString());
    }
    std::string listeners;
    for (const v1::Listener& each : welcome.listeners()) {
      absl::StrAppend(&listeners, listeners.empty() ? "" : ",", each.fd(), ":",
                      each.name());
    }
    std::string expected = actor.Variable("DROVER_LISTEN_FDS");
    if (listeners != expected) {
      trial.Miss("DRV-HELLO-17", expected, listeners);
    }
  }
  if (incarnations.size() != 3 || slots.size() != 3) {
    trial.Miss("DRV-HELLO-16", "three incarnations in three slots",
               absl::StrCat(incarnations.size(), " and ", slots.size()));
  }
}

void TooMuch(Trial& trial) {
  Stage stage(trial, kQuickKill);
  {
    Actor& flood = stage.StartedActor();
    std::string frames;
    ToSupervisor progress;
    progress.mutable_progress()->set_in_flight(1);
    for (int i = 0; i < 3000; ++i) {
      frames += Framed(progress.SerializeAsString());
    }
    flood.SendBytes(frames);
    flood.ExpectError("DRV-LIMIT-7", v1::PROTOCOL_ERROR_CODE_LIMIT);
    flood.ExpectDeath("DRV-LIMIT-7", 500ms);
  }
  Actor& many = stage.NextActor();
  std::vector<uint32_t> capabilities;
  for (uint32_t i = 0; i < 300; ++i) capabilities.push_back(70000 + i);
  many.Hello(capabilities);
  many.ExpectError("DRV-LIMIT-7", v1::PROTOCOL_ERROR_CODE_LIMIT);
}

void OutOfSequence(Trial& trial) {
  Scene scene = kQuickKill;
  scene.count = 5;
  Stage stage(trial, scene);
  Actor& twice = stage.StartedActor();
  twice.MayBeRefused();
  twice.Hello();
  twice.ExpectError("DRV-HELLO-9", v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  twice.ExpectDeath("DRV-SUP-4", 500ms);

  Actor& made_up = stage.StartedActor();
  made_up.MayBeRefused();
  made_up.State(v1::STATE_STOPPED, 999);
  made_up.ExpectError("DRV-CMD-8", v1::PROTOCOL_ERROR_CODE_SEQUENCE);

  Actor& by_itself = stage.StartedActor();
  by_itself.MayBeRefused();
  by_itself.State(v1::STATE_STOPPED, 0);
  by_itself.ExpectError("DRV-SUP-1", v1::PROTOCOL_ERROR_CODE_SEQUENCE);

  Actor& result = stage.StartedActor();
  result.MayBeRefused();
  ToSupervisor frame;
  frame.set_re(888);
  frame.mutable_result()->set_code(v1::RESULT_CODE_OK);
  result.Send(frame);
  result.ExpectError("DRV-CMD-8", v1::PROTOCOL_ERROR_CODE_SEQUENCE);

  // Last: it fails the pool's first start.
  Actor& silent = stage.NextActor();
  silent.MayBeRefused();
  silent.Pong(1);
  silent.ExpectError("DRV-SUP-1", v1::PROTOCOL_ERROR_CODE_SEQUENCE);
}

void OddNumbers(Trial& trial) {
  Stage stage(trial, {.ping_interval_ms = 100});
  Actor& actor = stage.NextActor();
  actor.Greet();
  uint64_t op = actor.ExpectStart();
  ToSupervisor started;
  started.set_op(77777);
  started.set_re(op);
  started.mutable_state()->set_state(v1::STATE_STARTED);
  actor.Send(started);
  actor.ExpectGoodTerms("DRV-CMD-11");
}

void Messages(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  ToWorker welcome = actor.Greet();
  bool agreed = false;
  for (uint32_t capability : welcome.welcome().capabilities()) {
    agreed |= capability == v1::CAPABILITY_USER_MESSAGES;
  }
  actor.State(v1::STATE_STARTED, actor.ExpectStart());
  ToSupervisor message;
  message.set_op(1);
  message.mutable_user_message()->set_topic("conformance.topic");
  actor.Send(message);
  ToWorker answer = actor.Next("DRV-MSG-2", "Result or UserMessage");
  if (answer.re() != 1) {
    trial.Miss(agreed ? "DRV-MSG-2" : "DRV-CMD-2", "an answer re 1",
               Describe(answer));
  }
  message.set_op(2);
  message.mutable_user_message()->set_topic("Not A Topic");
  actor.Send(message);
  answer = actor.Next("DRV-MSG-1", "Result");
  int expected =
      agreed ? v1::RESULT_CODE_FAILED : v1::RESULT_CODE_UNIMPLEMENTED;
  if (answer.result().code() != expected) {
    trial.Miss("DRV-MSG-1", ResultName(expected), Describe(answer));
  }
  actor.ExpectGoodTermsFrom("DRV-MSG-3", 3);
}

void OddGauges(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.StartedActor();
  ToSupervisor frame;
  for (int i = 0; i < 40; ++i) {
    v1::Gauge* gauge = frame.mutable_gauges()->add_gauges();
    gauge->set_name(i % 2 == 0 ? "Not A Name \x1b" : absl::StrCat("g", i));
    gauge->set_value(i);
  }
  actor.Send(frame);
  actor.ExpectGoodTerms("DRV-REPORT-7");
}

void AnswersProtocolError(Trial& trial) {
  Stage stage(trial, kQuickKill);
  Actor& actor = stage.StartedActor();
  ToSupervisor frame;
  frame.mutable_protocol_error()->set_code(v1::PROTOCOL_ERROR_CODE_PARSE);
  actor.Send(frame);
  while (auto next = actor.NextOfAny(300ms)) {
    if (next->has_protocol_error()) {
      trial.Miss("DRV-ERR-2", "no answer to ProtocolError", Describe(*next));
    }
  }
  actor.ExpectDeath("DRV-SUP-2", 600ms);
}

constexpr Case kCases[] = {
    {"S-01", "silence before Hello", "DRV-HELLO-4", kNothing,
     "A worker says nothing for half a second: nor does the supervisor.",
     SilentBeforeHello},
    {"S-03", "any segmentation", "DRV-FRAME-1 DRV-FRAME-2", kNothing,
     "Hello byte by byte, three reports in one write: all are read.",
     AnySegmentation},
    {"S-04", "broken frames", "DRV-FRAME-4 DRV-FRAME-5 DRV-SUP-4", kNothing,
     "Four workers break the framing: each gets ProtocolError and is ended, "
     "another one is not touched.",
     Broken},
    {"S-05", "a later version",
     "DRV-EVOL-1 DRV-EVOL-2 DRV-LIMIT-3 DRV-CMD-2 DRV-CMD-3 DRV-CMD-4 "
     "DRV-CMD-5",
     kNothing,
     "Unknown fields, bodies and states, and a long text: the worker lives, "
     "and what has an op and no re is answered.",
     LaterVersion},
    {"S-06", "capabilities", "DRV-CAP-1 DRV-CAP-3 DRV-CAP-4", kNothing,
     "Hello offers some twice, and some that nobody knows: Welcome names none "
     "that was not offered.",
     Capabilities},
    {"S-30", "out of sequence", "DRV-HELLO-9 DRV-CMD-8 DRV-SUP-1 DRV-SUP-4",
     kNothing,
     "A second Hello, answers to ops that were never issued, a state that "
     "nobody asked for, Pong before Hello: ProtocolError{SEQUENCE}.",
     OutOfSequence},
    {"S-31", "a major that was not offered", "DRV-HELLO-10", kNothing,
     "Hello of major 9: ProtocolError{UNSUPPORTED_VERSION}, and the worker is "
     "ended.",
     Version},
    {"S-32", "Welcome says all",
     "DRV-HELLO-11 DRV-HELLO-15 DRV-HELLO-16 "
     "DRV-HELLO-17",
     kNothing,
     "Three workers with a listener: pool, slots, generation, incarnations "
     "that differ, listeners as in DROVER_LISTEN_FDS.",
     WelcomeSaysAll},
    {"S-33", "too much", "DRV-LIMIT-7", kNothing,
     "3000 frames at once, and 300 capabilities: ProtocolError{LIMIT}.",
     TooMuch},
    {"S-34", "the largest frame", "DRV-FRAME-3", kNothing,
     "A frame of 65536 bytes: accepted.", LargestFrame},
    {"S-35", "numbers out of place", "DRV-CMD-11", kNothing,
     "A StateReport with an op: it has no effect.", OddNumbers},
    {"S-36", "user messages", "DRV-MSG-1 DRV-MSG-2 DRV-MSG-3", kNothing,
     "UserMessages with op are answered; one of an odd topic is refused.",
     Messages},
    {"S-37", "odd gauges", "DRV-REPORT-7", kNothing,
     "40 gauges, half of them of odd names: the worker lives.", OddGauges},
    {"S-38", "ProtocolError from a worker", "DRV-ERR-2 DRV-SUP-2", kNothing,
     "A worker sends ProtocolError and stays: no answer, and it is ended.",
     AnswersProtocolError},
};

}  // namespace

absl::Span<const Case> ChannelCases() { return kCases; }

}  // namespace drover::conformance
