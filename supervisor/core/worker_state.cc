// One process' state, written out and read back.
#include <utility>

#include "supervisor/core/fault.h"
#include "supervisor/core/state_values.h"
#include "supervisor/core/worker.h"

namespace drover::core {
namespace {

void WriteIntroduction(const Introduction& from, state::v1::Introduction* to) {
  to->set_program(from.program);
  to->set_version(from.version);
  to->set_sdk(from.sdk);
  to->mutable_capabilities()->Assign(from.capabilities.begin(),
                                     from.capabilities.end());
  to->set_pid(from.pid);
}

Introduction ReadIntroduction(const state::v1::Introduction& from) {
  return {from.program(),
          from.version(),
          from.sdk(),
          {from.capabilities().begin(), from.capabilities().end()},
          from.pid()};
}

}  // namespace

void Heartbeat::Write(state::v1::Heartbeat* to) const {
  to->set_asked(asked_);
  to->set_answered(answered_);
  to->set_deadline(ToNanos(deadline_));
  if (last_pong_) to->set_last_pong(ToNanos(*last_pong_));
}

void Heartbeat::Read(const state::v1::Heartbeat& from) {
  asked_ = from.asked();
  answered_ = from.answered();
  deadline_ = FromNanos(from.deadline());
  if (from.has_last_pong()) last_pong_ = FromNanos(from.last_pong());
}

// What a turn takes out again before it ends is not written: the request and
// the Reload's outcome behind an Outcome, and the exit.
void Worker::Write(state::v1::Worker* to) const {
  WriteIdentity(identity_, to->mutable_id());
  to->set_state(static_cast<uint32_t>(state_));
  to->set_state_since(ToNanos(state_since_));
  to->set_deadline(ToNanos(
      DROVER_FAULT(kDeadlineNotWritten) ? absl::InfiniteFuture() : deadline_));
  to->set_deadline_cap(ToNanos(deadline_cap_));
  heartbeat_.Write(to->mutable_heartbeat());
  to->set_goal(static_cast<uint32_t>(goal_));
  to->set_cause(cause_);
  to->set_cause_text(cause_text_);
  to->set_last_op(last_op_);
  to->set_command_op(command_op_);
  to->set_reload_op(reload_op_);
  to->set_lame_duck(lame_duck_);
  to->set_lame_duck_over(lame_duck_over_);
  to->set_process_stopped(process_stopped_);
  to->set_held_since(ToNanos(held_since_));
  to->set_quit_sent(quit_sent_);
  to->set_introduced(introduced_);
  to->set_ending(static_cast<uint32_t>(ending_));
  to->set_closed(closed_);
  to->set_pid(pid_);
  to->set_spawned_at(ToNanos(spawned_at_));
  to->set_was_started(was_started_);
  to->set_started_at(ToNanos(started_at_));
  WriteIntroduction(introduction_, to->mutable_introduction());
  to->mutable_capabilities()->Assign(capabilities_.begin(),
                                     capabilities_.end());
  to->set_status_text(status_text_);
  to->set_last_words(last_words_);
  to->set_in_flight(in_flight_);
  to->mutable_gauges()->insert(gauges_.begin(), gauges_.end());
  to->set_blame(static_cast<uint32_t>(blame_));
  to->set_blame_text(blame_text_);
  to->set_sent_signals(sent_signals_);
  to->set_flood_since(ToNanos(flood_since_));
  to->set_flood_count(flood_count_);
}

std::unique_ptr<Worker> Worker::Read(
    const state::v1::Worker& from,
    std::shared_ptr<const WorkerSettings> settings, StateErrors& errors) {
  auto to =
      std::make_unique<Worker>(ReadIdentity(from.id()), std::move(settings),
                               FromNanos(from.spawned_at()));
  to->state_ =
      errors.Checked(from.state(), WorkerState::kFailed, "worker.state");
  to->state_since_ = FromNanos(from.state_since());
  to->deadline_ = FromNanos(from.deadline());
  to->deadline_cap_ = FromNanos(from.deadline_cap());
  to->heartbeat_.Read(from.heartbeat());
  to->goal_ = errors.Checked(from.goal(), Goal::kQuit, "worker.goal");
  to->cause_ = static_cast<worker::v1::Cause>(from.cause());
  to->cause_text_ = from.cause_text();
  to->last_op_ = from.last_op();
  to->command_op_ = from.command_op();
  to->reload_op_ = from.reload_op();
  to->lame_duck_ = from.lame_duck();
  to->lame_duck_over_ = from.lame_duck_over();
  to->process_stopped_ = from.process_stopped();
  to->held_since_ = FromNanos(from.held_since());
  to->quit_sent_ = from.quit_sent();
  to->introduced_ = from.introduced();
  to->ending_ = errors.Checked(from.ending(), Ending::kKill, "worker.ending");
  to->closed_ = from.closed();
  to->pid_ = from.pid();
  to->was_started_ = from.was_started();
  to->started_at_ = FromNanos(from.started_at());
  to->introduction_ = ReadIntroduction(from.introduction());
  to->capabilities_.assign(from.capabilities().begin(),
                           from.capabilities().end());
  to->status_text_ = from.status_text();
  to->last_words_ = from.last_words();
  to->in_flight_ = from.in_flight();
  to->gauges_.insert(from.gauges().begin(), from.gauges().end());
  to->blame_ =
      errors.Checked(from.blame(), FailureReason::kOrder, "worker.blame");
  to->blame_text_ = from.blame_text();
  to->sent_signals_ = from.sent_signals();
  to->flood_since_ = FromNanos(from.flood_since());
  to->flood_count_ = from.flood_count();
  return to;
}

}  // namespace drover::core
