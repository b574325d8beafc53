#include "supervisor/core/worker.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/messages.h"

namespace drover::core {
namespace {

using worker::v1::StateReport;
using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

// SPEC.md, "Limits".
constexpr uint32_t kFramesPerSecondMax = 1000;

Input InputOf(const StateReport& report) {
  switch (report.state()) {
    case worker::v1::STATE_INITIALIZED:
      return Input::kInitialized;
    case worker::v1::STATE_STARTING:
      return Input::kStarting;
    case worker::v1::STATE_STARTED:
      return Input::kStarted;
    case worker::v1::STATE_STOPPING:
      return Input::kStopping;
    case worker::v1::STATE_STOPPED:
      return Input::kStopped;
    case worker::v1::STATE_SHUTTING_DOWN:
      return Input::kShuttingDown;
    case worker::v1::STATE_FAILED:
      return Input::kFailed;
    default:
      return Input::kUnknown;
  }
}

Input InputOf(const ToSupervisor& message) {
  switch (message.body_case()) {
    case ToSupervisor::kHello:
      return Input::kHello;
    case ToSupervisor::kState:
      return InputOf(message.state());
    case ToSupervisor::kPong:
      return Input::kPong;
    case ToSupervisor::kResult:
      return Input::kResult;
    case ToSupervisor::kRequest:
      return Input::kRequest;
    case ToSupervisor::kProgress:
      return Input::kProgress;
    case ToSupervisor::kGauges:
      return Input::kGauges;
    case ToSupervisor::kFatal:
      return Input::kFatal;
    case ToSupervisor::kProtocolError:
      return Input::kProtocolError;
    case ToSupervisor::kUserMessage:
      return Input::kUserMessage;
    case ToSupervisor::BODY_NOT_SET:
      return Input::kUnknown;
  }
  return Input::kUnknown;
}

bool IsStateInput(Input input) {
  return input >= Input::kInitialized && input <= Input::kFailed;
}

ExitReason ReasonOf(const Exited& event) {
  if (event.signal != 0) {
    return ExternalSignal{event.signal, event.core_dumped};
  }
  if (event.code != 0) return AbnormalExit{event.code};
  return NormalExit{};
}

}  // namespace

Worker::Worker(Identity identity,
               std::shared_ptr<const WorkerSettings> settings, absl::Time now)
    : identity_(std::move(identity)),
      settings_(std::move(settings)),
      state_since_(now),
      deadline_(now + settings_->hello_timeout),
      timer_(TimerKey::Worker(identity_.incarnation)),
      spawned_at_(now) {}

void Worker::OnSpawned(int32_t pid, const Context& context) {
  pid_ = pid;
  if (DROVER_FAULT(kForgottenHelloTimer)) deadline_ = absl::InfiniteFuture();
  context.effects->push_back(
      Notify{WorkerChanged{identity_, state_, state_, pid_, ""}});
}

Outcome Worker::OnSpawnFailed(const SpawnFailed& event,
                              const Context& context) {
  auto exit = std::make_shared<Exit>();
  exit->worker = identity_;
  exit->reason = SpawnFailure{event.step, event.error_number};
  exit->cause = FailureReason::kSpawn;
  exit->text = event.object;
  exit->time = context.now;
  exit_ = std::move(exit);
  Enter(WorkerState::kEnded, context);
  return Outcome::kEnded;
}

Outcome Worker::OnFrame(const ToSupervisor& message, const Context& context) {
  Input input = InputOf(message);
  if (Floods(context.now)) {
    if (state_ != WorkerState::kFailed && state_ != WorkerState::kEnded) {
      Violate(worker::v1::PROTOCOL_ERROR_CODE_LIMIT,
              absl::StrCat("more than ", kFramesPerSecondMax,
                           " frames in one second"),
              context);
    }
    return Outcome::kNone;
  }
  return Take(input, &message, context);
}

Outcome Worker::OnRejected(const FrameRejected& event, const Context& context) {
  if (Lookup(state_, Input::kRejected).action != Action::kReject) {
    return Outcome::kNone;
  }
  Violate(event.code, event.text, context);
  return Outcome::kNone;
}

Outcome Worker::OnClosed(const Context& context) {
  closed_ = true;
  if (DROVER_FAULT(kRespawnOnEnd)) return OnExited({incarnation()}, context);
  return Take(Input::kClosed, nullptr, context);
}

Outcome Worker::OnOverflow(const Context& context) {
  return Take(Input::kOverflow, nullptr, context);
}

Outcome Worker::OnDeadline(const Context& context) {
  if (context.now < deadline()) return Outcome::kNone;
  return Take(Input::kDeadline, nullptr, context);
}

Outcome Worker::OnExited(const Exited& event, const Context& context) {
  if (state_ == WorkerState::kEnded) return Outcome::kNone;
  if (DROVER_FAULT(kLostExit) && state_ == WorkerState::kFailed) {
    return Outcome::kNone;
  }
  auto exit = std::make_shared<Exit>();
  exit->worker = identity_;
  exit->reason = ReasonOf(event);
  exit->due = quit_sent_;
  exit->by_supervisor = event.signal != 0 && Sent(event.signal);
  exit->was_started = was_started_;
  if (!exit->due) {
    Blame(FailureReason::kExited, introduced_ ? "" : "before its Hello");
  }
  exit->cause = blame_;
  exit->text = blame_text_;
  exit->last_words = last_words_;
  exit->last_output = event.last_output;
  exit->out_of_memory = event.out_of_memory;
  exit->time = context.now;
  exit_ = std::move(exit);
  Enter(WorkerState::kEnded, context);
  if (DROVER_FAULT(kSignalsTheGone)) KillGroup(context);
  return Outcome::kEnded;
}

// The one place where the table is acted upon.
Outcome Worker::Take(Input input, const ToSupervisor* message,
                     const Context& context) {
  Transition cell = Lookup(state_, input);
  if (message != nullptr && IsStateInput(input)) {
    cell.action = JudgeReport(*message, input).value_or(cell.action);
  }
  switch (cell.action) {
    case Action::kIgnore:
      break;
    case Action::kViolate:
      Violate(worker::v1::PROTOCOL_ERROR_CODE_SEQUENCE,
              absl::StrCat(Name(input), " is not allowed in ", Name(state_)),
              context);
      break;
    case Action::kWelcome:
      return Welcome(message->hello(), context);
    case Action::kText:
      status_text_ = CutText(message->state().text());
      break;
    case Action::kBecome:
      return Become(message->state(), cell.next, context);
    case Action::kHearPong:
      HearPong(message->pong(), context);
      break;
    case Action::kHearResult:
      return HearResult(*message, context);
    case Action::kHearRequest:
      return HearRequest(*message, context);
    case Action::kExtend:
      HearProgress(*message, /*may_extend=*/true, context);
      break;
    case Action::kNote:
      HearProgress(*message, /*may_extend=*/false, context);
      break;
    case Action::kHearGauges:
      HearGauges(message->gauges());
      break;
    case Action::kHearUser:
      HearUser(*message, context);
      break;
    case Action::kUnimplemented:
      if (message->op() != 0 && message->re() == 0) {
        Send(ResultMessage(message->op(), worker::v1::RESULT_CODE_UNIMPLEMENTED,
                           ""),
             context);
      }
      break;
    case Action::kWords:
      KeepWords(*message);
      break;
    case Action::kLeave:
      // Somebody else told it, by SIGTERM: nobody here asked, so the exit is
      // not due, but it has the time that Quit would give it.
      status_text_ = CutText(message->state().text());
      Enter(WorkerState::kShuttingDown, context);
      deadline_ =
          context.now + settings_->quit_timeout + settings_->answer_grace;
      break;
    case Action::kGiveUp:
      KeepWords(*message);
      Fail(FailureReason::kWorkerFailed, "the worker said that it failed",
           settings_->kill_timeout, context);
      break;
    case Action::kPeerError:
      KeepWords(*message);
      Fail(message->protocol_error().code() ==
                   worker::v1::PROTOCOL_ERROR_CODE_UNSUPPORTED_VERSION
               ? FailureReason::kUnsupportedVersion
               : FailureReason::kViolation,
           "the worker reported a protocol error", settings_->kill_timeout,
           context);
      break;
    case Action::kReject:
      break;  // OnRejected, which has the code
    case Action::kLose:
      // Most often the process is just ending. Blamed only if it lives on.
      Fail(FailureReason::kNone, "", settings_->loss_timeout, context);
      break;
    case Action::kStall:
      Fail(FailureReason::kQueueFull,
           "it reads nothing: the queue to it is full", absl::ZeroDuration(),
           context);
      break;
    case Action::kHelloLate:
      Fail(FailureReason::kHelloTimeout,
           absl::StrCat("no Hello within ",
                        ShowDuration(settings_->hello_timeout),
                        ": it does not speak the protocol, or a wrapper (npm, "
                        "Python's subprocess) keeps its channel from it"),
           absl::ZeroDuration(), context);
      break;
    case Action::kStartLate:
      Fail(FailureReason::kStartTimeout,
           absl::StrCat("not STARTED within ",
                        ShowDuration(context.now - state_since_)),
           absl::ZeroDuration(), context);
      break;
    case Action::kStopLate:
      Blame(FailureReason::kStopTimeout,
            absl::StrCat("not STOPPED within ",
                         ShowDuration(context.now - state_since_), ", ",
                         in_flight_, " in flight"));
      SendQuit(context);
      break;
    case Action::kQuitLate:
      Fail(
          FailureReason::kQuitTimeout,
          absl::StrCat("still there ", ShowDuration(context.now - state_since_),
                       " after Quit"),
          absl::ZeroDuration(), context);
      break;
    case Action::kBeat:
      return StableDeadline(context);
    case Action::kEscalate:
      Escalate(context);
      break;
    case Action::kEnd:
      break;  // OnExited, which has the status
  }
  return Outcome::kNone;
}

void Worker::Enter(WorkerState state, const Context& context) {
  WorkerState former = state_;
  Release(context.now);
  state_ = state;
  lame_duck_ = false;
  if (state == WorkerState::kStarted) lame_duck_over_ = false;
  reload_op_ = 0;
  state_since_ = context.now;
  deadline_ = absl::InfiniteFuture();
  deadline_cap_ = absl::InfiniteFuture();
  if (IsStable(state)) {
    heartbeat_.Resume(*settings_, context.now);
  } else {
    heartbeat_.Pause();
  }
  context.effects->push_back(
      Notify{WorkerChanged{identity_, former, state, pid_,
                           blame_text_.empty() ? cause_text_ : blame_text_}});
  if (Tolerates()) Hold(context.now);
}

Outcome Worker::StableDeadline(const Context& context) {
  if (context.now < deadline_) {
    Beat(context);
    return Outcome::kNone;
  }
  if (reload_op_ != 0) {
    return EndReload(FailureReason::kDeadline,
                     absl::StrCat("no answer to Reload within ",
                                  ShowDuration(settings_->reload_timeout)),
                     context);
  }
  lame_duck_over_ = true;
  SendStop(context);
  return Outcome::kNone;
}

void Worker::Beat(const Context& context) {
  switch (heartbeat_.Check(*settings_, context.now)) {
    case Heartbeat::Due::kNothing:
      break;
    case Heartbeat::Due::kPing:
      Send(PingMessage(heartbeat_.id()), context);
      break;
    case Heartbeat::Due::kDead:
      Fail(FailureReason::kUnresponsive,
           absl::StrCat("no Pong within ",
                        ShowDuration(settings_->ping_timeout)),
           absl::ZeroDuration(), context);
      break;
  }
}

void Worker::Send(ToWorker message, const Context& context) {
  context.effects->push_back(core::Send{incarnation(), std::move(message)});
}

void Worker::Answer(uint64_t request, worker::v1::ResultCode code,
                    absl::string_view text, const Context& context) {
  Send(ResultMessage(request, code, text), context);
}

void Worker::OnProcessStopped(const Context& context) {
  if (state_ == WorkerState::kEnded) return;
  process_stopped_ = true;
  Note("a signal stopped its process", context);
  switch (settings_->on_sigstop) {
    case config::v1::SIGSTOP_ACTION_CONTINUE:
      SignalGroup({SIGCONT}, context);
      break;
    default:
      if (Tolerates()) Hold(context.now);
      break;
  }
}

// Nobody wants it to stop or quit: it may stay stopped as it is.
bool Worker::Tolerates() const {
  return process_stopped_ &&
         settings_->on_sigstop == config::v1::SIGSTOP_ACTION_TOLERATE &&
         goal_ == Goal::kRun && state_ != WorkerState::kFailed &&
         state_ != WorkerState::kEnded;
}

void Worker::OnProcessContinued(const Context& context) {
  if (!process_stopped_) return;
  process_stopped_ = false;
  Release(context.now);
  Note("its process was continued", context);
}

void Worker::Hold(absl::Time now) {
  if (held_since_ == absl::InfiniteFuture()) held_since_ = now;
}

void Worker::Release(absl::Time now) {
  if (held_since_ == absl::InfiniteFuture()) return;
  absl::Duration held = now - held_since_;
  held_since_ = absl::InfiniteFuture();
  Postpone(held, now);
}

void Worker::Postpone(absl::Duration time, absl::Time now) {
  deadline_ += time;
  deadline_cap_ += time;
  if (!heartbeat_.paused()) heartbeat_.Resume(*settings_, now);
}

// Something about it that is no change of state.
void Worker::Note(absl::string_view text, const Context& context) {
  context.effects->push_back(Notify{
      WorkerChanged{identity_, state_, state_, pid_, std::string(text)}});
}

void Worker::SetSettings(std::shared_ptr<const WorkerSettings> settings,
                         absl::Time now) {
  settings_ = std::move(settings);
  if (Tolerates()) {
    Hold(now);
  } else {
    Release(now);
  }
  if (IsStable(state_) && reload_op_ == 0) heartbeat_.Resume(*settings_, now);
}

void Worker::Blame(FailureReason cause, absl::string_view text) {
  if (blame_ != FailureReason::kNone) return;
  blame_ = cause;
  blame_text_ = std::string(text);
}

void Worker::Violate(worker::v1::ProtocolErrorCode code, absl::string_view text,
                     const Context& context) {
  Send(ErrorMessage(code, text), context);
  Fail(FailureReason::kViolation, text, absl::ZeroDuration(), context);
}

bool Worker::Floods(absl::Time now) {
  if (now - flood_since_ >= absl::Seconds(1)) {
    flood_since_ = now;
    flood_count_ = 0;
  }
  return ++flood_count_ > kFramesPerSecondMax;
}

absl::Time Worker::deadline() const {
  if (held_since_ != absl::InfiniteFuture()) return absl::InfiniteFuture();
  return std::min(deadline_, heartbeat_.deadline());
}

bool Worker::Has(worker::v1::Capability capability) const {
  return std::find(capabilities_.begin(), capabilities_.end(),
                   static_cast<uint32_t>(capability)) != capabilities_.end();
}

std::optional<Worker::Asked> Worker::TakeRequest() {
  return std::exchange(asked_, std::nullopt);
}

void Worker::FillView(WorkerView* view) const {
  view->id = identity_;
  view->state = state_;
  view->pid = pid_;
  view->state_since = state_since_;
  view->spawned_at = spawned_at_;
  view->deadline = state_deadline();
  view->last_pong = heartbeat_.last_pong();
  view->process_stopped = process_stopped_;
  view->lame_duck = lame_duck_;
  view->status_text = status_text_;
  view->in_flight = in_flight_;
  view->gauges = gauges_;
  view->introduction = introduction_;
}

}  // namespace drover::core
