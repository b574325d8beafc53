// How a process is ended when it does not go by itself: step by step, each with
// its own time.
#include <csignal>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/messages.h"
#include "supervisor/core/worker.h"

namespace drover::core {
namespace {

// Between two SIGKILLs to a process that does not end (uninterruptible sleep).
constexpr absl::Duration kKillAgain = absl::Seconds(10);

}  // namespace

void Worker::Fail(FailureReason cause, absl::string_view text,
                  absl::Duration grace, const Context& context) {
  if (cause != FailureReason::kNone) Blame(cause, text);
  if (state_ != WorkerState::kFailed) Enter(WorkerState::kFailed, context);
  if (grace > absl::ZeroDuration()) {
    ending_ = Ending::kGrace;
    deadline_ = context.now + grace;
  } else if (cause == FailureReason::kUnresponsive) {
    Interrogate(context);
  } else {
    Terminate(context);
  }
}

// CONT because a stopped process acts on other signals only when it is
// continued.
void Worker::Interrogate(const Context& context) {
  if (settings_->dump_signal == 0) {
    Abort(context);
    return;
  }
  ending_ = Ending::kDump;
  SignalProcess({settings_->dump_signal, SIGCONT}, context);
  deadline_ = context.now + settings_->dump_wait;
}

void Worker::Abort(const Context& context) {
  if (!settings_->abort) {
    Terminate(context);
    return;
  }
  ending_ = Ending::kAbort;
  SignalProcess({SIGABRT, SIGCONT}, context);
  deadline_ = context.now + settings_->abort_wait;
}

void Worker::Terminate(const Context& context) {
  ending_ = Ending::kTerm;
  if (!Sent(SIGKILL)) SignalGroup({SIGTERM, SIGCONT}, context);
  deadline_ = context.now + settings_->kill_timeout;
}

void Worker::KillGroup(const Context& context) {
  ending_ = Ending::kKill;
  SignalGroup({SIGKILL}, context);
  deadline_ = context.now + kKillAgain;
}

void Worker::Escalate(const Context& context) {
  switch (ending_) {
    case Ending::kNone:
    case Ending::kGrace:
      if (closed_) Blame(FailureReason::kChannelLost, ClosedDiagnosis());
      Terminate(context);
      break;
    case Ending::kDump:
      Abort(context);
      break;
    case Ending::kAbort:
      Terminate(context);
      break;
    case Ending::kTerm:
      if (DROVER_FAULT(kNeverKills)) {
        Terminate(context);
        break;
      }
      KillGroup(context);
      break;
    case Ending::kKill:
      status_text_ = "does not end although it was killed";
      KillGroup(context);
      break;
  }
}

void Worker::Kill(FailureReason cause, absl::string_view text,
                  const Context& context) {
  if (state_ == WorkerState::kEnded) return;
  goal_ = Goal::kQuit;
  quit_sent_ = true;
  Blame(cause, text);
  if (state_ != WorkerState::kFailed) Enter(WorkerState::kFailed, context);
  KillGroup(context);
}

void Worker::Hurry(worker::v1::Cause cause, absl::string_view text,
                   const Context& context) {
  goal_ = Goal::kQuit;
  cause_ = cause;
  cause_text_ = CutText(text);
  switch (state_) {
    case WorkerState::kInitialized:
    case WorkerState::kStarting:
    case WorkerState::kStarted:
    case WorkerState::kStopping:
    case WorkerState::kStopped:
      SendQuit(context);
      break;
    case WorkerState::kSpawned:
      Pursue(context);
      break;
    case WorkerState::kShuttingDown:
    case WorkerState::kFailed:
    case WorkerState::kEnded:
      break;
  }
}

void Worker::SignalGroup(std::initializer_list<int> signals,
                         const Context& context) {
  for (int signal : signals) sent_signals_ |= uint64_t{1} << signal;
  context.effects->push_back(Signal{incarnation(), signals});
}

void Worker::SignalProcess(std::initializer_list<int> signals,
                           const Context& context) {
  for (int signal : signals) sent_signals_ |= uint64_t{1} << signal;
  context.effects->push_back(
      Signal{incarnation(), signals, /*whole_group=*/false});
}

std::string Worker::ClosedDiagnosis() const {
  if (introduced_) return "it closed its channel and lived on";
  return "its channel was closed before any Hello: where a wrapper (npm, "
         "npx, Python's subprocess, Java's ProcessBuilder) starts the "
         "program, it closed the descriptor; start the program itself, or let "
         "the wrapper pass DROVER_FD on";
}

}  // namespace drover::core
