// What the suite expects of the worker.
#include <signal.h>

#include "absl/strings/str_cat.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/text.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr Milliseconds kErrorExit = 1000ms;
constexpr int kExitProtocol = 76;

}  // namespace

void Subject::Refuse(absl::string_view clause, absl::string_view expected,
                     const ToSupervisor& frame) {
  trial_.Miss(clause, expected, Describe(frame));
}

void Subject::Introduce() {
  record::Subject about;
  about.set_name(Printable(hello_.name()));
  about.set_version(Printable(hello_.version()));
  about.set_sdk(Printable(hello_.sdk()));
  *about.mutable_capabilities() = hello_.capabilities();
  about.set_hello_ms(static_cast<uint32_t>(
      std::chrono::duration_cast<Milliseconds>(Clock::now() - begin_).count()));
  trial_.Introduce(std::move(about));
}

const v1::Hello& Subject::ReadHello() {
  ToSupervisor frame = Next("DRV-HELLO-1", "Hello");
  if (!frame.has_hello()) Refuse("DRV-HELLO-1", "Hello", frame);
  hello_ = frame.hello();
  Introduce();
  return hello_;
}

void Subject::Initialize(const std::vector<uint32_t>& more) {
  ReadHello();
  SendWelcome(more);
  ExpectQuiet("DRV-BEAT-2");
}

void Subject::InitializeAndStart(const std::vector<uint32_t>& more) {
  Initialize(more);
  uint64_t op = Start();
  ExpectState("DRV-CMD-30", v1::STATE_STARTED, op);
}

std::optional<ToSupervisor> Subject::NextOfAny(Milliseconds limit) {
  if (!PumpUntilFrame(Clock::now() + limit)) return std::nullopt;
  ToSupervisor frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

ToSupervisor Subject::Next(absl::string_view clause, absl::string_view expected,
                           std::optional<Milliseconds> limit) {
  Milliseconds patience = limit.value_or(trial_.plan().Patience());
  Clock::time_point deadline = Clock::now() + patience;
  while (PumpUntilFrame(deadline)) {
    ToSupervisor frame = std::move(frames_.front());
    frames_.pop_front();
    if (!Monitor::Optional(frame)) return frame;
  }
  trial_.Miss(clause, expected, WhyNothing(patience));
  return {};
}

ToSupervisor Subject::ExpectState(absl::string_view clause, int state,
                                  uint64_t op,
                                  std::optional<Milliseconds> limit) {
  std::string expected = StateAnswer(state, op);
  while (true) {
    ToSupervisor frame = Next(clause, expected, limit);
    if (frame.has_state() && frame.state().state() == state &&
        frame.re() == op) {
      return frame;
    }
    // A stable state may be reported again at any time.
    bool again = frame.has_state() &&
                 frame.state().state() == monitor_.reported() &&
                 frame.state().state() != state;
    if (!again) {
      Refuse(clause, expected, frame);
      return frame;
    }
  }
}

void Subject::ExpectPong(absl::string_view clause, uint64_t id) {
  std::string expected = absl::StrCat("Pong{id: ", id, "}");
  ToSupervisor frame = Next(clause, expected);
  if (!frame.has_pong() || frame.pong().id() != id) {
    Refuse(clause, expected, frame);
  }
}

ToSupervisor Subject::ExpectResult(absl::string_view clause, int code,
                                   uint64_t op) {
  std::string expected = absl::StrCat("Result{", ResultName(code), "} re ", op);
  ToSupervisor frame = Next(clause, expected);
  if (!frame.has_result() || frame.result().code() != code ||
      frame.re() != op) {
    Refuse(clause, expected, frame);
  }
  return frame;
}

void Subject::ExpectQuiet(absl::string_view clause) {
  uint64_t id = Ping();
  ExpectPong(clause, id);
}

void Subject::ExpectSilence(absl::string_view clause, Milliseconds time) {
  Clock::time_point deadline = Clock::now() + time;
  while (auto frame = NextOfAny(std::chrono::duration_cast<Milliseconds>(
             std::max<Clock::duration>(deadline - Clock::now(), 0ms)))) {
    if (!Monitor::Optional(*frame)) Refuse(clause, "silence", *frame);
  }
  if (end_ || channel_ended_) trial_.Miss(clause, "silence", ending());
}

void Subject::ExpectViolation(absl::string_view clause, int code) {
  std::string expected = absl::StrCat("ProtocolError{", ErrorName(code), "}");
  ToSupervisor frame =
      Next(clause, expected, trial_.plan().Granted(kErrorExit));
  if (!frame.has_protocol_error() || frame.protocol_error().code() != code) {
    Refuse(clause, expected, frame);
  }
  if (frame.protocol_error().text().empty()) {
    trial_.Miss("DRV-ERR-3", "a text that says what was expected and seen",
                "none");
  }
  auto end = AwaitEnd(trial_.plan().Granted(kErrorExit));
  if (!end || *end != End{false, kExitProtocol}) {
    trial_.Miss("DRV-EXIT-5", "exit code 76 within 1000 ms", ending());
  }
}

std::optional<End> Subject::AwaitEnd(Milliseconds limit) {
  Clock::time_point deadline = Clock::now() + limit;
  while (!end_ && Pump(deadline)) {
  }
  return end_;
}

void Subject::ExpectExit(absl::string_view clause, Milliseconds limit) {
  auto end = AwaitEnd(trial_.plan().Granted(limit));
  if (end == End{false, 0}) return;
  trial_.Miss(clause, absl::StrCat("exit code 0 within ", limit.count(), " ms"),
              ending());
}

void Subject::ExpectFailure(absl::string_view clause, Milliseconds limit) {
  auto end = AwaitEnd(trial_.plan().Granted(limit));
  if (end && !end->by_signal && end->number != 0) return;
  trial_.Miss(
      clause,
      absl::StrCat("an exit code other than 0 within ", limit.count(), " ms"),
      ending());
}

void Subject::ExpectAlive(absl::string_view clause) { ExpectQuiet(clause); }

}  // namespace drover::conformance
