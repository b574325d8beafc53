// The end of the channel, of the process, and of patience.
#include <signal.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "conformance/trial/descendants.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/raw.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

// As Welcome says.
constexpr Milliseconds kLoss = 1000ms;
constexpr Milliseconds kQuit = 5000ms;
constexpr Milliseconds kErrorExit = 1000ms;
constexpr Milliseconds kFailExit = 5000ms;

enum class Stage { kInitialized, kStarted, kStopped };
constexpr Stage kStages[] = {Stage::kInitialized, Stage::kStarted,
                             Stage::kStopped};

void Reach(Subject& subject, Stage stage) {
  subject.Initialize();
  if (stage == Stage::kInitialized) return;
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  if (stage == Stage::kStarted) return;
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
}

void ChannelEnds(Trial& trial) {
  for (Stage stage : kStages) {
    {
      Subject closed(trial);
      Reach(closed, stage);
      closed.HangUp();
      closed.ExpectExit("DRV-EXIT-1", kLoss);
    }
    Subject half(trial);
    Reach(half, stage);
    half.HalfClose();
    half.ExpectExit("DRV-EXIT-2", kLoss);
  }
}

void EndsWithARequest(Trial& trial) {
  {
    Subject subject(trial, {.testee = "hold"});
    subject.InitializeAndStart();
    Client client(subject);
    client.ExpectHeld("DRV-CMD-41");
    subject.HangUp();
    // No Ping can show it: what is held back shall show itself.
    subject.PumpFor(100ms);
    Client late(subject);
    subject.PumpFor(100ms);
    if (!late.Waiting()) {
      trial.Miss("DRV-EXIT-1", "no new work after the channel ended",
                 "a connection was accepted");
    }
    client.Release();
    client.ExpectServed("DRV-EXIT-1");
    subject.ExpectExit("DRV-EXIT-1", kLoss);
  }
  Subject forever(trial, {.testee = "hold"});
  forever.InitializeAndStart();
  Client client(forever);
  client.ExpectHeld("DRV-CMD-41");
  forever.HangUp();
  forever.ExpectExit("DRV-EXIT-1", kLoss);
}

void CannotGoOn(Trial& trial) {
  Subject subject(trial, {.testee = "fatal"});
  subject.InitializeAndStart();
  ToSupervisor last;
  while (auto frame = subject.NextOfAny(trial.plan().Granted(kFailExit))) {
    last = *frame;
  }
  if (!last.has_fatal()) {
    trial.Miss("DRV-REPORT-5", "Fatal as the last frame", Describe(last));
  } else if (last.fatal().text().empty()) {
    trial.Miss("DRV-EXIT-3", "Fatal with a text", Describe(last));
  }
  subject.ExpectFailure("DRV-EXIT-4", kFailExit);
}

void AfterFailed(Trial& trial) {
  Subject subject(trial, {.testee = "fail"});
  subject.InitializeAndStart();
  ToSupervisor frame = subject.Next("DRV-STATE-9", "FAILED or Fatal");
  bool failed =
      frame.has_fatal() ||
      (frame.has_state() && frame.state().state() == v1::STATE_FAILED);
  if (!failed) subject.Refuse("DRV-STATE-9", "FAILED or Fatal", frame);
  // Not answered; the monitor judges what comes.
  subject.Stop();
  subject.Ping();
  subject.ExpectFailure("DRV-STATE-11", kFailExit);
  while (auto later = subject.NextOfAny(0ms)) {
    if (!later->has_fatal()) {
      subject.Refuse("DRV-STATE-10", "nothing but Fatal", *later);
    }
  }
}

void Terminated(Trial& trial) {
  for (Stage stage : kStages) {
    Subject subject(trial);
    Reach(subject, stage);
    subject.MayDieOf(SIGTERM);
    subject.Signal(SIGTERM);
    auto end = subject.AwaitEnd(trial.plan().Granted(kQuit));
    if (end != End{false, 0}) {
      trial.Miss("DRV-EXIT-8", "exit code 0 after SIGTERM", subject.ending());
    }
  }
}

void TerminatedTwice(Trial& trial) {
  Subject subject(trial, {.testee = "hold"});
  subject.InitializeAndStart();
  Client client(subject);
  client.ExpectHeld("DRV-CMD-41");
  subject.MayDieOf(SIGTERM);
  subject.Signal(SIGTERM);
  subject.PumpFor(300ms);
  subject.Signal(SIGTERM);
  auto end = subject.AwaitEnd(trial.plan().Granted(0ms));
  if (end != End{false, 0}) {
    trial.Miss("DRV-EXIT-8", "exit code 0 at the second SIGTERM",
               subject.ending());
  }
}

void Interrupted(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.MayDieOf(SIGINT);
  subject.Signal(SIGINT);
  uint64_t id = subject.Ping();
  ToSupervisor frame = subject.Next("DRV-EXIT-9", "Pong after SIGINT");
  if (frame.has_pong() && frame.pong().id() == id) {
    auto end = subject.AwaitEnd(200ms);
    if (!end) return;
  }
  trial.Miss("DRV-EXIT-9", "SIGINT is ignored", subject.ending());
}

void Accused(Trial& trial) {
  for (Stage stage : kStages) {
    Subject subject(trial);
    Reach(subject, stage);
    ToWorker frame;
    frame.mutable_protocol_error()->set_code(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
    frame.mutable_protocol_error()->set_text("a conformance case");
    subject.Send(frame);
    subject.ExpectFailure("DRV-EXIT-6", kErrorExit);
    while (auto answer = subject.NextOfAny(0ms)) {
      if (answer->has_protocol_error()) {
        subject.Refuse("DRV-ERR-2", "no answer to ProtocolError", *answer);
      }
    }
    auto end = subject.AwaitEnd(0ms);
    if (end && end->number != 76) {
      trial.Miss("DRV-EXIT-7", "exit code 76", subject.ending());
    }
  }
}

void NobodyReadsTheError(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  subject.HoldReading(true);
  subject.SendBytes(Header(0));
  auto end = subject.AwaitEnd(trial.plan().Granted(kErrorExit));
  if (end != End{false, 76}) {
    trial.Miss("DRV-ERR-4", "exit code 76 within 1000 ms, read or not",
               subject.ending());
  }
}

void LastFrame(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.SendBytes(Header(0) + std::string(64, '\0'));
  ToSupervisor frame = subject.Next("DRV-EXIT-5", "ProtocolError");
  if (!frame.has_protocol_error()) {
    subject.Refuse("DRV-EXIT-5", "ProtocolError", frame);
  }
  while (auto later = subject.NextOfAny(trial.plan().Granted(kErrorExit))) {
    subject.Refuse("DRV-ERR-1", "nothing behind ProtocolError", *later);
  }
}

void LeavesNothing(Trial& trial) {
  Subject subject(trial, {.testee = "spawn-child"});
  subject.InitializeAndStart();
  Clock::time_point deadline = Clock::now() + trial.plan().Patience();
  while (LiveChildrenOf(subject.speaker()).empty()) {
    if (Clock::now() > deadline) trial.Broken("the testee has no child");
    subject.PumpFor(2ms);
  }
  subject.Quit();
  subject.ExpectExit("DRV-CMD-50", kQuit);
  // Orphans of the worker are children of this process now.
  deadline = Clock::now() + trial.plan().Granted(0ms);
  while (!LiveChildren().empty() && Clock::now() < deadline) {
    subject.PumpFor(2ms);
  }
  if (!LiveChildren().empty()) {
    trial.Miss("DRV-EXIT-10", "no process left when the worker has exited",
               absl::StrCat("process ", LiveChildren()[0], " still runs"));
  }
}

void Hostile(Trial& trial) {
  std::string nested;
  for (int i = 0; i < 2000; ++i) nested += "\x0b";  // groups, never ended
  const std::vector<std::string> attacks = {
      Framed(nested),
      Framed(raw::BytesField(10, std::string(60000, '\xff'))),
      Framed(std::string("\x72\xff\xff\xff\xff\x0f", 6)),
      Framed(raw::BytesField(14, raw::BytesField(1, "text for a number"))),
      Framed(raw::VarintField(14, 7)),
      Framed(raw::VarintField(1, ~uint64_t{0}) + raw::BytesField(13, "")),
      std::string(5000, '\xff'),
      Header(65536) + std::string(100, '\0'),
  };
  for (size_t i = 0; i < attacks.size(); ++i) {
    Subject subject(trial);
    subject.Initialize();
    // Two of them mean something: a Ping without an id that can be read, and a
    // Quit with the highest op.
    ToWorker ping;
    ping.mutable_ping();
    subject.monitor().Sent(ping);
    ToWorker quit;
    quit.set_op(~uint64_t{0});
    quit.mutable_quit();
    subject.monitor().Sent(quit);
    trial.LogSent(
        absl::StrCat("attack ", i, ": ", attacks[i].size(), " bytes"));
    subject.SendBytes(attacks[i]);
    subject.PumpFor(20ms);
    subject.HangUp();
    // Any code; a crash is caught wherever a process ends.
    if (!subject.AwaitEnd(trial.plan().Granted(kLoss))) {
      trial.Miss("DRV-EXIT-1", "the end of the process", subject.ending());
    }
  }
}

constexpr Case kCases[] = {
    {"W-EX-01", "the channel ends", "DRV-EXIT-1 DRV-EXIT-2", kNothing,
     "The channel is closed, and in another process half of it, in each stable "
     "state: exit code 0 within the loss time.",
     ChannelEnds},
    {"W-EX-02", "the channel ends with a request in flight", "DRV-EXIT-1",
     kListener | kTestee,
     "The request is finished and no other one accepted; one that never ends "
     "is given up: exit code 0 within the loss time.",
     EndsWithARequest},
    {"W-EX-03", "cannot go on", "DRV-REPORT-5 DRV-EXIT-3 DRV-EXIT-4", kTestee,
     "The testee cannot go on: Fatal with a text is its last frame, and the "
     "exit code is not 0.",
     CannotGoOn},
    {"W-EX-04", "after FAILED", "DRV-STATE-10 DRV-STATE-11 DRV-EXIT-4", kTestee,
     "The testee fails: nothing but Fatal follows, whatever it is sent, and it "
     "exits by itself.",
     AfterFailed},
    {"W-EX-05", "SIGTERM", "DRV-EXIT-8", kNothing,
     "SIGTERM in each stable state: exit code 0.", Terminated},
    {"W-EX-06", "ProtocolError", "DRV-EXIT-6 DRV-EXIT-7 DRV-ERR-2", kNothing,
     "ProtocolError in each stable state: no answer, and exit code 76 within a "
     "second.",
     Accused},
    {"W-EX-07", "leaves nothing behind", "DRV-EXIT-10", kTestee,
     "The testee has a child, then Quit: no process is left.", LeavesNothing},
    {"W-EX-08", "hostile bytes", "DRV-EXIT-11", kNothing,
     "Frames made to break readers: the worker is not ended by a signal. "
     "The same holds in every other case.",
     Hostile},
    {"W-EX-09", "SIGINT", "DRV-EXIT-9", kNothing,
     "SIGINT in STARTED: the worker goes on.", Interrupted},
    {"W-EX-10", "SIGTERM twice", "DRV-EXIT-8", kListener | kTestee,
     "SIGTERM, and again while a request is in flight: exit code 0 at once.",
     TerminatedTwice},
    {"W-EX-11", "nobody reads the error", "DRV-ERR-4 DRV-EXIT-5", kNothing,
     "A broken header, and nobody reads the answer: exit code 76 all the same.",
     NobodyReadsTheError},
    {"W-EX-12", "the last frame", "DRV-ERR-1 DRV-EXIT-5", kNothing,
     "A broken header: ProtocolError, and nothing behind it.", LastFrame},
};

}  // namespace

absl::Span<const Case> ExitCases() { return kCases; }

}  // namespace drover::conformance
