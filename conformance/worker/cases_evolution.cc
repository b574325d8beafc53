// What a later version, or another codec, may write.
#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/wire/raw.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;

// Numbers of worker.proto, for frames written by hand.
constexpr uint32_t kOp = 1;
constexpr uint32_t kRe = 2;
constexpr uint32_t kStartBody = 11;
constexpr uint32_t kStopBody = 12;
constexpr uint32_t kPingBody = 14;
constexpr uint32_t kUnknownBody = 99;

// One field of each wire type that nobody knows.
std::string UnknownFields() {
  return raw::VarintField(500, 1) + raw::Fixed64Field(501, 2) +
         raw::BytesField(502, "new") +
         raw::Group(503, raw::VarintField(1, 3) +
                             raw::Group(2, raw::BytesField(1, "x"))) +
         raw::Fixed32Field(504, 4);
}

void UnknownFieldsOfAnyType(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  ToWorker ping = subject.PingFrame();
  subject.SendRaw(
      UnknownFields() +
          raw::BytesField(kPingBody, UnknownFields() +
                                         raw::VarintField(1, ping.ping().id()) +
                                         UnknownFields()) +
          UnknownFields(),
      ping);
  subject.ExpectPong("DRV-EVOL-1", ping.ping().id());
  ToWorker start = subject.StartFrame();
  subject.SendRaw(UnknownFields() + start.SerializeAsString(), start);
  subject.ExpectState("DRV-EVOL-1", v1::STATE_STARTED, start.op());
}

void UnknownBodyWithoutOp(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  subject.SendRaw(raw::BytesField(kUnknownBody, "new"), ToWorker());
  subject.ExpectQuiet("DRV-CMD-3");
  subject.ExpectState("DRV-CMD-5", v1::STATE_STARTED, subject.Start());
  subject.SendRaw(raw::BytesField(kUnknownBody, "new"), ToWorker());
  subject.ExpectQuiet("DRV-CMD-3");
}

// Announces an op with a body that nobody knows.
uint64_t SendUnknown(Subject& subject, uint64_t re) {
  ToWorker meaning;
  meaning.set_op(subject.NextOp());
  meaning.set_re(re);
  std::string body = raw::VarintField(kOp, meaning.op());
  if (re != 0) body += raw::VarintField(kRe, re);
  subject.SendRaw(body + raw::BytesField(kUnknownBody, "new"), meaning);
  return meaning.op();
}

void UnknownBodyWithOp(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  subject.ExpectResult("DRV-CMD-2", v1::RESULT_CODE_UNIMPLEMENTED,
                       SendUnknown(subject, 0));
  subject.ExpectState("DRV-CMD-5", v1::STATE_STARTED, subject.Start());
  subject.ExpectResult("DRV-CMD-2", v1::RESULT_CODE_UNIMPLEMENTED,
                       SendUnknown(subject, 0));
  subject.ExpectState("DRV-CMD-5", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectResult("DRV-CMD-2", v1::RESULT_CODE_UNIMPLEMENTED,
                       SendUnknown(subject, 0));
}

void UnknownAnswer(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  SendUnknown(subject, 77);
  subject.ExpectQuiet("DRV-CMD-4");
  // A Result for nothing that was asked.
  ToWorker result;
  result.set_re(4711);
  result.mutable_result()->set_code(v1::RESULT_CODE_DENIED);
  subject.Send(result);
  subject.ExpectQuiet("DRV-CMD-10");
}

void UnknownEnums(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  ToWorker stop = subject.StopFrame();
  stop.mutable_stop()->set_cause(static_cast<v1::Cause>(4000));
  subject.Send(stop);
  subject.ExpectState("DRV-EVOL-2", v1::STATE_STOPPED, stop.op());
  ToWorker result;
  result.set_re(4711);
  result.mutable_result()->set_code(static_cast<v1::ResultCode>(77));
  subject.Send(result);
  subject.ExpectAlive("DRV-EVOL-2");
}

void LongTextsAndLists(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  ToWorker welcome;
  *welcome.mutable_welcome() = subject.MakeWelcome();
  while (welcome.welcome().capabilities_size() < 256) {
    welcome.mutable_welcome()->add_capabilities(
        70000u + static_cast<uint32_t>(welcome.welcome().capabilities_size()));
  }
  welcome.mutable_welcome()->set_supervisor(std::string(2000, 's'));
  subject.Send(welcome);
  subject.ExpectState("DRV-LIMIT-10", v1::STATE_STARTED, subject.Start());
  ToWorker stop = subject.StopFrame();
  stop.mutable_stop()->set_text(std::string(4000, 't'));
  subject.Send(stop);
  subject.ExpectState("DRV-LIMIT-3", v1::STATE_STOPPED, stop.op());
  subject.ExpectAlive("DRV-EVOL-5");
}

void ManyListeners(Trial& trial) {
  int own = static_cast<int>(trial.plan().listeners.size());
  Subject subject(trial, {.spare_listeners = 64 - own});
  subject.ReadHello();
  subject.SendWelcome();
  subject.ExpectState("DRV-LIMIT-10", v1::STATE_STARTED, subject.Start());
}

void BrokenUtf8(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  ToWorker stop = subject.StopFrame();
  stop.mutable_stop()->set_text("\xff\xfe\x80 \xc3 \xed\xa0\x80");
  subject.Send(stop);
  subject.ExpectState("DRV-EVOL-6", v1::STATE_STOPPED, stop.op());
  subject.ExpectAlive("DRV-REPORT-1");
}

void OrderAndRepetition(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  ToWorker start = subject.StartFrame();
  subject.SendRaw(raw::BytesField(kStartBody, raw::VarintField(1, 10000)) +
                      raw::VarintField(kOp, 999) +
                      raw::VarintField(kOp, start.op()),
                  start);
  subject.ExpectState("DRV-EVOL-3", v1::STATE_STARTED, start.op());
  ToWorker ping = subject.PingFrame();
  subject.SendRaw(
      raw::BytesField(kPingBody, raw::VarintField(1, 12345) +
                                     raw::VarintField(1, ping.ping().id())),
      ping);
  subject.ExpectPong("DRV-EVOL-3", ping.ping().id());
  ToWorker stop = subject.StopFrame();
  subject.SendRaw(raw::BytesField(kStopBody, raw::BytesField(3, "why") +
                                                 raw::VarintField(2, 1) +
                                                 raw::VarintField(1, 10000)) +
                      raw::VarintField(kOp, stop.op()),
                  stop);
  subject.ExpectState("DRV-EVOL-3", v1::STATE_STOPPED, stop.op());
}

void NumbersOutOfPlace(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  // An op far above: were it taken for one, the next would be below.
  ToWorker ping = subject.PingFrame();
  ping.set_op(1000000);
  ping.set_re(3);
  subject.Send(ping);
  subject.ExpectPong("DRV-CMD-11", ping.ping().id());
  ToWorker start = subject.StartFrame();
  start.set_re(5);
  subject.Send(start);
  subject.ExpectState("DRV-CMD-11", v1::STATE_STARTED, start.op());
  subject.ExpectQuiet("DRV-CMD-11");
}

constexpr Case kCases[] = {
    {"W-EV-01", "unknown fields", "DRV-EVOL-1", kNothing,
     "Ping and Start with fields of every wire type that nobody knows, groups "
     "included: Pong, STARTED.",
     UnknownFieldsOfAnyType},
    {"W-EV-02", "an unknown body without op", "DRV-CMD-3 DRV-CMD-5", kNothing,
     "A body that nobody knows, with op 0: ignored in INITIALIZED and STARTED.",
     UnknownBodyWithoutOp},
    {"W-EV-03", "an unknown body with op", "DRV-CMD-2 DRV-CMD-5", kNothing,
     "A body that nobody knows, with an op: Result{UNIMPLEMENTED} in every "
     "stable state.",
     UnknownBodyWithOp},
    {"W-EV-04", "unknown enum values", "DRV-EVOL-2", kNothing,
     "Stop with cause 4000, a Result of code 77: the worker goes on.",
     UnknownEnums},
    {"W-EV-05", "long texts and lists", "DRV-LIMIT-3 DRV-LIMIT-10 DRV-EVOL-5",
     kNothing,
     "Welcome with 256 capabilities, Stop with a text of 4000 bytes: accepted.",
     LongTextsAndLists},
    {"W-EV-06", "broken UTF-8", "DRV-EVOL-6 DRV-REPORT-1", kNothing,
     "Stop with a text that is no UTF-8: accepted.", BrokenUtf8},
    {"W-EV-07", "order and repetition", "DRV-EVOL-3", kNothing,
     "Fields in another order, scalars twice: the last one counts.",
     OrderAndRepetition},
    {"W-EV-08", "an answer to nothing", "DRV-CMD-4 DRV-CMD-10", kNothing,
     "An unknown body with op and re, and a Result that was not asked for: "
     "neither is answered.",
     UnknownAnswer},
    {"W-EV-09", "op and re out of place", "DRV-CMD-11", kNothing,
     "Ping with an op and re, Start with an re: they have no effect.",
     NumbersOutOfPlace},
    {"W-EV-10", "64 listeners", "DRV-LIMIT-10", kNothing,
     "64 listeners are handed down: the worker starts.", ManyListeners},
};

}  // namespace

absl::Span<const Case> EvolutionCases() { return kCases; }

}  // namespace drover::conformance
