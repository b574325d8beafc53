// What a worker says, and what is made of it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/messages.h"
#include "supervisor/core/worker.h"

namespace drover::core {
namespace {

using worker::v1::StateReport;
using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

constexpr uint32_t kMajor = 1;
// SPEC.md, "Limits".
constexpr int kCapabilitiesMax = 256;
constexpr int kGaugesMax = 32;
constexpr size_t kGaugesKept = 64;

}  // namespace

Outcome Worker::Welcome(const worker::v1::Hello& hello,
                        const Context& context) {
  if (hello.major() != kMajor) {
    Send(ErrorMessage(worker::v1::PROTOCOL_ERROR_CODE_UNSUPPORTED_VERSION,
                      "this supervisor speaks major 1"),
         context);
    Fail(FailureReason::kUnsupportedVersion,
         absl::StrCat("it speaks major ", hello.major(),
                      " of the protocol, the supervisor speaks 1"),
         absl::ZeroDuration(), context);
    return Outcome::kNone;
  }
  if (hello.capabilities_size() > kCapabilitiesMax) {
    Violate(worker::v1::PROTOCOL_ERROR_CODE_LIMIT,
            absl::StrCat("Hello with more than ", kCapabilitiesMax,
                         " capabilities"),
            context);
    return Outcome::kNone;
  }
  introduced_ = true;
  introduction_ = {.program = CutText(hello.name()),
                   .version = CutText(hello.version()),
                   .sdk = CutText(hello.sdk()),
                   .capabilities = {hello.capabilities().begin(),
                                    hello.capabilities().end()},
                   .pid = static_cast<int32_t>(hello.pid())};
  ToWorker welcome =
      WelcomeMessage(hello, identity_, *settings_, context.version);
  capabilities_.assign(welcome.welcome().capabilities().begin(),
                       welcome.welcome().capabilities().end());
  Send(std::move(welcome), context);
  Enter(WorkerState::kInitialized, context);
  Pursue(context);
  return Outcome::kNone;
}

Outcome Worker::Become(const StateReport& report, WorkerState next,
                       const Context& context) {
  status_text_ = CutText(report.text());
  if (next == WorkerState::kStopped) {
    in_flight_ = 0;
    if (report.forced()) {
      Blame(FailureReason::kStopTimeout,
            absl::StrCat("the worker gave up ", report.abandoned(),
                         " in flight at its deadline"));
    }
  }
  Enter(next, context);
  if (next == WorkerState::kStarted) {
    was_started_ = true;
    started_at_ = context.now;
  }
  Pursue(context);
  return next == WorkerState::kStarted ? Outcome::kStarted : Outcome::kStopped;
}

// A report belongs to the command that stands; answers to a superseded one are
// stale, and an op that was never issued is a violation. Without an op it may
// only repeat the present state, or say FAILED.
std::optional<Action> Worker::JudgeReport(const ToSupervisor& message,
                                          Input input) const {
  Action action = Lookup(state_, input).action;
  if (action == Action::kIgnore || action == Action::kWords) {
    return std::nullopt;
  }
  if (message.re() > last_op_ && !DROVER_FAULT(kBelievesUnissuedOps)) {
    return Action::kViolate;
  }
  if (input == Input::kFailed || input == Input::kShuttingDown) {
    return std::nullopt;
  }
  if (message.re() == 0) {
    return action == Action::kText || input == Input::kInitialized
               ? std::nullopt
               : std::optional(Action::kViolate);
  }
  if (message.re() < command_op_) {
    return DROVER_FAULT(kBlamesStaleAnswers) ? Action::kViolate
                                             : Action::kIgnore;
  }
  return std::nullopt;
}

void Worker::HearPong(const worker::v1::Pong& pong, const Context& context) {
  if (heartbeat_.Hear(pong.id(), *settings_, context.now) ==
      Heartbeat::Heard::kNeverAsked) {
    Violate(worker::v1::PROTOCOL_ERROR_CODE_SEQUENCE,
            absl::StrCat("Pong ", pong.id(), " without its Ping"), context);
  }
}

Outcome Worker::HearResult(const ToSupervisor& message,
                           const Context& context) {
  if (message.re() == 0 || message.re() > last_op_) {
    Violate(worker::v1::PROTOCOL_ERROR_CODE_SEQUENCE,
            absl::StrCat("Result for op ", message.re(), ", never issued"),
            context);
    return Outcome::kNone;
  }
  if (message.re() == reload_op_) {
    return HearReloadResult(message.result(), context);
  }
  if (message.re() != command_op_ ||
      message.result().code() == worker::v1::RESULT_CODE_OK) {
    return Outcome::kNone;
  }
  // The command that stands was refused.
  std::string text = absl::StrCat(
      "it refused ", state_ == WorkerState::kStarting ? "Start" : "Stop", ": ",
      Cut(message.result().text()));
  if (state_ == WorkerState::kStarting) {
    Fail(FailureReason::kWorkerFailed, text, absl::ZeroDuration(), context);
  } else if (state_ == WorkerState::kStopping) {
    Blame(FailureReason::kWorkerFailed, text);
    SendQuit(context);
  }
  return Outcome::kNone;
}

Outcome Worker::HearReloadResult(const worker::v1::Result& result,
                                 const Context& context) {
  if (result.code() == worker::v1::RESULT_CODE_OK) {
    return EndReload(FailureReason::kNone, "", context);
  }
  return EndReload(
      FailureReason::kWorkerFailed,
      result.text().empty() ? "it gave no reason" : Cut(result.text()),
      context);
}

Outcome Worker::HearRequest(const ToSupervisor& message,
                            const Context& context) {
  if (!Has(worker::v1::CAPABILITY_REQUEST)) {
    Respond(message, worker::v1::RESULT_CODE_UNIMPLEMENTED, context);
    return Outcome::kNone;
  }
  if (message.op() == 0) return Outcome::kNone;  // nobody waits for an answer
  asked_ = Asked{message.op(), message.request().kind(),
                 CutText(message.request().text())};
  if (goal_ != Goal::kRun) {
    // A command that crossed it already does what was asked.
    Answer(message.op(), worker::v1::RESULT_CODE_DENIED,
           "a command is under way", context);
    asked_.reset();
    return Outcome::kNone;
  }
  return Outcome::kRequested;
}

// An extension is of the command that it answers: one that crossed a stronger
// command moves nothing.
void Worker::HearProgress(const ToSupervisor& message, bool may_extend,
                          const Context& context) {
  const worker::v1::Progress& progress = message.progress();
  if (!Has(worker::v1::CAPABILITY_PROGRESS)) return;
  in_flight_ = progress.in_flight();
  if (!progress.text().empty()) status_text_ = CutText(progress.text());
  const bool stale = message.re() != 0 && message.re() != command_op_;
  if (!may_extend || stale || progress.extend_ms() == 0) return;
  absl::Time wanted =
      context.now + absl::Milliseconds(int64_t{progress.extend_ms()});
  if (!DROVER_FAULT(kExtendsForEver)) wanted = std::min(wanted, deadline_cap_);
  deadline_ = std::max(deadline_, wanted);
}

void Worker::HearGauges(const worker::v1::Gauges& gauges) {
  if (!Has(worker::v1::CAPABILITY_GAUGES)) return;
  int taken = 0;
  for (const worker::v1::Gauge& gauge : gauges.gauges()) {
    if (++taken > kGaugesMax) break;
    if (!IsGaugeName(gauge.name())) continue;
    auto it = gauges_.find(gauge.name());
    if (it != gauges_.end()) {
      it->second = gauge.value();
    } else if (gauges_.size() < kGaugesKept) {
      gauges_.emplace(gauge.name(), gauge.value());
    }
  }
}

void Worker::HearUser(const ToSupervisor& message, const Context& context) {
  if (!Has(worker::v1::CAPABILITY_USER_MESSAGES)) {
    Respond(message, worker::v1::RESULT_CODE_UNIMPLEMENTED, context);
    return;
  }
  const worker::v1::UserMessage& user = message.user_message();
  if (!IsTopic(user.topic()) || user.payload().size() > kPayloadMax) {
    Respond(message, worker::v1::RESULT_CODE_FAILED, context);
    return;
  }
  context.effects->push_back(
      Notify{UserMessageReceived{identity_, user.topic(), user.payload()}});
  Respond(message, worker::v1::RESULT_CODE_OK, context);
}

// Says what became of a frame, where an answer is wanted.
void Worker::Respond(const ToSupervisor& message, worker::v1::ResultCode code,
                     const Context& context) {
  if (message.op() == 0 || message.re() != 0) return;
  Send(ResultMessage(message.op(), code, ""), context);
}

void Worker::KeepWords(const ToSupervisor& message) {
  absl::string_view text;
  if (message.has_fatal()) text = message.fatal().text();
  if (message.has_state()) text = message.state().text();
  if (message.has_protocol_error()) text = message.protocol_error().text();
  // Fatal follows FAILED where both are said; the first said why.
  if (last_words_.empty()) last_words_ = CutText(text);
}

}  // namespace drover::core
