// What a worker is told, and when: from what is wanted of it to commands.
#include <csignal>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/messages.h"
#include "supervisor/core/worker.h"

namespace drover::core {

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
      PursueFromStarted(context);
      break;
    case WorkerState::kStopped:
      if (goal_ == Goal::kRun && Has(worker::v1::CAPABILITY_RESUME)) {
        SendStart(context);
      }
      if (goal_ == Goal::kQuit) SendQuit(context);
      break;
    case WorkerState::kSpawned:
      PursueFromSpawned(context);
      break;
    case WorkerState::kStopping:
      if (DROVER_FAULT(kStartPreemptsStop) && goal_ == Goal::kRun) {
        SendStart(context);
      }
      break;
    case WorkerState::kShuttingDown:
    case WorkerState::kFailed:
    case WorkerState::kEnded:
      break;
  }
}

void Worker::PursueFromStarted(const Context& context) {
  if (goal_ == Goal::kRun) {
    if (lame_duck_) EndLameDuck();
    return;
  }
  // Only what nobody wants any more has no time to spare.
  Release(context.now);
  if (lame_duck_) return;  // Stop follows at its end
  if (!lame_duck_over_ && settings_->lame_duck > absl::ZeroDuration() &&
      !DROVER_FAULT(kNoLameDuck)) {
    BeginLameDuck(context);
  } else if (DROVER_FAULT(kQuitWithoutDrain) && goal_ == Goal::kQuit) {
    SendQuit(context);
  } else {
    SendStop(context);
  }
}

// Nothing may be said before Welcome, and nothing is in flight.
void Worker::PursueFromSpawned(const Context& context) {
  if (goal_ != Goal::kQuit) return;
  quit_sent_ = true;
  Enter(WorkerState::kShuttingDown, context);
  SignalGroup({SIGTERM, SIGCONT}, context);
  deadline_ = context.now + settings_->kill_timeout;
}

void Worker::BeginLameDuck(const Context& context) {
  lame_duck_ = true;
  // A Reload that has no answer yet will not be waited for.
  reload_op_ = 0;
  heartbeat_.Resume(*settings_, context.now);
  if (Has(worker::v1::CAPABILITY_LAME_DUCK)) {
    Send(LameDuckMessage(settings_->lame_duck), context);
  }
  deadline_ = context.now + settings_->lame_duck;
  Note(absl::StrCat("lame duck, Stop in ", ShowDuration(settings_->lame_duck)),
       context);
}

// Wanted again.
void Worker::EndLameDuck() {
  lame_duck_ = false;
  deadline_ = absl::InfiniteFuture();
}

void Worker::Reload(const Context& context) {
  reload_op_ = ++last_op_;
  Send(ReloadMessage(reload_op_, settings_->reload_timeout), context);
  heartbeat_.Pause();
  deadline_ = context.now + settings_->reload_timeout + settings_->answer_grace;
}

Outcome Worker::EndReload(FailureReason reason, absl::string_view text,
                          const Context& context) {
  reload_op_ = 0;
  reloaded_ = {reason, std::string(text)};
  deadline_ = absl::InfiniteFuture();
  heartbeat_.Resume(*settings_, context.now);
  return Outcome::kReloaded;
}

void Worker::SendStart(const Context& context) {
  command_op_ = ++last_op_;
  Send(StartMessage(command_op_, settings_->start_timeout), context);
  Enter(WorkerState::kStarting, context);
  deadline_ = context.now + settings_->start_timeout + settings_->answer_grace;
  deadline_cap_ = deadline_ + settings_->extend_max;
  if (DROVER_FAULT(kForgottenStartTimer)) deadline_ = absl::InfiniteFuture();
}

void Worker::SendStop(const Context& context) {
  command_op_ = ++last_op_;
  Send(StopMessage(command_op_, settings_->stop_timeout, cause_, cause_text_),
       context);
  Enter(WorkerState::kStopping, context);
  deadline_ = context.now + settings_->stop_timeout + settings_->answer_grace;
  deadline_cap_ = deadline_ + settings_->extend_max;
  if (DROVER_FAULT(kForgottenStopTimer)) deadline_ = absl::InfiniteFuture();
}

void Worker::SendQuit(const Context& context) {
  command_op_ = ++last_op_;
  quit_sent_ = true;
  Send(QuitMessage(command_op_, settings_->quit_timeout, cause_, cause_text_),
       context);
  Enter(WorkerState::kShuttingDown, context);
  deadline_ = context.now + settings_->quit_timeout + settings_->answer_grace;
  if (DROVER_FAULT(kForgottenQuitTimer)) deadline_ = absl::InfiniteFuture();
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

bool Worker::CanReload() const {
  return serves() && reload_op_ == 0 && Has(worker::v1::CAPABILITY_RELOAD);
}

}  // namespace drover::core
