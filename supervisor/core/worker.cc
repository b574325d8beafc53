#include "supervisor/core/worker.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "supervisor/core/messages.h"

namespace drover::core {
namespace {

using worker::v1::StateReport;
using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

// SPEC.md, "Limits".
constexpr uint32_t kFramesPerSecondMax = 1000;
// Between two SIGKILLs to a process that does not end (uninterruptible sleep).
constexpr absl::Duration kKillAgain = absl::Seconds(10);

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

std::string Seconds(absl::Duration duration) {
  return absl::FormatDuration(absl::Trunc(duration, absl::Milliseconds(1)));
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
      spawned_at_(now) {}

void Worker::OnSpawned(int32_t pid, const Context& context) {
  pid_ = pid;
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
  auto exit = std::make_shared<Exit>();
  exit->worker = identity_;
  exit->reason = ReasonOf(event);
  exit->due = quit_sent_;
  exit->by_supervisor = (event.signal == SIGTERM && sent_term_) ||
                        (event.signal == SIGKILL && sent_kill_);
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
      HearResult(*message, context);
      break;
    case Action::kHearRequest:
      return HearRequest(*message, context);
    case Action::kExtend:
      HearProgress(message->progress(), /*may_extend=*/true, context);
      break;
    case Action::kNote:
      HearProgress(message->progress(), /*may_extend=*/false, context);
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
           absl::StrCat("no Hello within ", Seconds(settings_->hello_timeout),
                        ": it does not speak the protocol, or a wrapper (npm, "
                        "Python's subprocess) keeps its channel from it"),
           absl::ZeroDuration(), context);
      break;
    case Action::kStartLate:
      Fail(FailureReason::kStartTimeout,
           absl::StrCat("not STARTED within ",
                        Seconds(context.now - state_since_)),
           absl::ZeroDuration(), context);
      break;
    case Action::kStopLate:
      Blame(FailureReason::kStopTimeout,
            absl::StrCat("not STOPPED within ",
                         Seconds(context.now - state_since_), ", ", in_flight_,
                         " in flight"));
      SendQuit(context);
      break;
    case Action::kQuitLate:
      Fail(FailureReason::kQuitTimeout,
           absl::StrCat("still there ", Seconds(context.now - state_since_),
                        " after Quit"),
           absl::ZeroDuration(), context);
      break;
    case Action::kBeat:
      Beat(context);
      break;
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
  state_ = state;
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
}

void Worker::Pursue(const Context& context) {
  switch (state_) {
    case WorkerState::kInitialized:
      if (goal_ == Goal::kRun) SendStart(context);
      if (goal_ == Goal::kStop) SendStop(context);
      if (goal_ == Goal::kQuit) SendQuit(context);
      break;
    case WorkerState::kStarting:
      if (goal_ == Goal::kStop) SendStop(context);
      if (goal_ == Goal::kQuit) SendQuit(context);
      break;
    case WorkerState::kStarted:
      if (goal_ != Goal::kRun) SendStop(context);
      break;
    case WorkerState::kStopped:
      if (goal_ == Goal::kRun && Has(worker::v1::CAPABILITY_RESUME)) {
        SendStart(context);
      }
      if (goal_ == Goal::kQuit) SendQuit(context);
      break;
    case WorkerState::kSpawned:
      // Nothing may be said before Welcome, and nothing is in flight.
      if (goal_ == Goal::kQuit) {
        quit_sent_ = true;
        Enter(WorkerState::kShuttingDown, context);
        sent_term_ = true;
        context.effects->push_back(Signal{incarnation(), {SIGTERM, SIGCONT}});
        deadline_ = context.now + settings_->kill_timeout;
      }
      break;
    case WorkerState::kStopping:
    case WorkerState::kShuttingDown:
    case WorkerState::kFailed:
    case WorkerState::kEnded:
      break;
  }
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
           absl::StrCat("no Pong within ", Seconds(settings_->ping_timeout)),
           absl::ZeroDuration(), context);
      break;
  }
}

void Worker::SendStart(const Context& context) {
  command_op_ = ++last_op_;
  Send(StartMessage(command_op_, settings_->start_timeout), context);
  Enter(WorkerState::kStarting, context);
  deadline_ = context.now + settings_->start_timeout + settings_->answer_grace;
  deadline_cap_ = deadline_ + settings_->extend_max;
}

void Worker::SendStop(const Context& context) {
  command_op_ = ++last_op_;
  Send(StopMessage(command_op_, settings_->stop_timeout, cause_, cause_text_),
       context);
  Enter(WorkerState::kStopping, context);
  deadline_ = context.now + settings_->stop_timeout + settings_->answer_grace;
  deadline_cap_ = deadline_ + settings_->extend_max;
}

void Worker::SendQuit(const Context& context) {
  command_op_ = ++last_op_;
  quit_sent_ = true;
  Send(QuitMessage(command_op_, settings_->quit_timeout, cause_, cause_text_),
       context);
  Enter(WorkerState::kShuttingDown, context);
  deadline_ = context.now + settings_->quit_timeout + settings_->answer_grace;
}

void Worker::Send(ToWorker message, const Context& context) {
  context.effects->push_back(core::Send{incarnation(), std::move(message)});
}

void Worker::SetGoal(Goal goal, worker::v1::Cause cause, absl::string_view text,
                     const Context& context) {
  // Quit is final: a process on its way out does not come back.
  if (goal_ == Goal::kQuit && goal != Goal::kQuit) return;
  goal_ = goal;
  cause_ = cause;
  cause_text_ = CutText(text);
  Pursue(context);
}

void Worker::Kill(FailureReason cause, absl::string_view text,
                  const Context& context) {
  if (state_ == WorkerState::kEnded) return;
  goal_ = Goal::kQuit;
  quit_sent_ = true;
  Blame(cause, text);
  if (state_ != WorkerState::kFailed) Enter(WorkerState::kFailed, context);
  sent_kill_ = true;
  ending_ = Ending::kKill;
  context.effects->push_back(Signal{incarnation(), {SIGKILL}});
  deadline_ = context.now + kKillAgain;
}

void Worker::Answer(uint64_t request, worker::v1::ResultCode code,
                    absl::string_view text, const Context& context) {
  Send(ResultMessage(request, code, text), context);
}

void Worker::SetSettings(std::shared_ptr<const WorkerSettings> settings,
                         absl::Time now) {
  settings_ = std::move(settings);
  if (IsStable(state_)) heartbeat_.Resume(*settings_, now);
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

void Worker::Fail(FailureReason cause, absl::string_view text,
                  absl::Duration grace, const Context& context) {
  if (cause != FailureReason::kNone) Blame(cause, text);
  if (state_ != WorkerState::kFailed) Enter(WorkerState::kFailed, context);
  if (grace > absl::ZeroDuration()) {
    ending_ = Ending::kGrace;
    deadline_ = context.now + grace;
  } else {
    Terminate(context);
  }
}

// CONT because a stopped process acts on TERM only when it is continued.
void Worker::Terminate(const Context& context) {
  ending_ = Ending::kTerm;
  if (!sent_kill_) {
    sent_term_ = true;
    context.effects->push_back(Signal{incarnation(), {SIGTERM, SIGCONT}});
  }
  deadline_ = context.now + settings_->kill_timeout;
}

void Worker::Escalate(const Context& context) {
  switch (ending_) {
    case Ending::kNone:
    case Ending::kGrace:
      if (closed_) Blame(FailureReason::kChannelLost, ClosedDiagnosis());
      Terminate(context);
      break;
    case Ending::kTerm:
    case Ending::kKill:
      if (ending_ == Ending::kKill) {
        status_text_ = "does not end although it was killed";
      }
      sent_kill_ = true;
      ending_ = Ending::kKill;
      context.effects->push_back(Signal{incarnation(), {SIGKILL}});
      deadline_ = context.now + kKillAgain;
      break;
  }
}

std::string Worker::ClosedDiagnosis() const {
  if (introduced_) return "it closed its channel and lived on";
  return "its channel was closed before any Hello: where a wrapper (npm, "
         "npx, Python's subprocess, Java's ProcessBuilder) starts the "
         "program, it closed the descriptor; start the program itself, or let "
         "the wrapper pass DROVER_FD on";
}

bool Worker::Floods(absl::Time now) {
  if (now - flood_since_ >= absl::Seconds(1)) {
    flood_since_ = now;
    flood_count_ = 0;
  }
  return ++flood_count_ > kFramesPerSecondMax;
}

absl::Time Worker::deadline() const {
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
  view->status_text = status_text_;
  view->in_flight = in_flight_;
  view->gauges = gauges_;
  view->introduction = introduction_;
}

}  // namespace drover::core
