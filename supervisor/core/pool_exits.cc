// What the end of a process means for its slot and its pool: judged first,
// announced, then carried out.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/pool.h"

namespace drover::core {
namespace {

using config::v1::ExitAction;

absl::Duration HealthyTime(const Worker& worker, absl::Time now) {
  return worker.was_started() ? now - worker.started_at()
                              : absl::ZeroDuration();
}

absl::string_view RemedyFor(const Exit& exit) {
  if (exit.cause == FailureReason::kSpawn) {
    return "mend what the message names, then try again";
  }
  if (exit.last_output.empty()) {
    return "see why by running its command by hand, then try again";
  }
  return "mend what the worker's last output says, then try again";
}

// The supervisor ended it for what it did, or did not do.
bool IsUnresponsive(FailureReason cause) {
  switch (cause) {
    case FailureReason::kUnresponsive:
    case FailureReason::kViolation:
    case FailureReason::kChannelLost:
    case FailureReason::kQueueFull:
      return true;
    default:
      return false;
  }
}

}  // namespace

WorkerRole Pool::RoleOf(const Slot& slot, Incarnation incarnation) const {
  if (incarnation == slot.successor) return WorkerRole::kSuccessor;
  if (incarnation == slot.outgoing) return WorkerRole::kOutgoing;
  return WorkerRole::kIncumbent;
}

void Pool::OnEnded(Slot& slot, const Worker& worker, Turn& turn) {
  const Incarnation incarnation = worker.incarnation();
  const std::shared_ptr<const Exit> exit = worker.exit();
  const WorkerRole role = RoleOf(slot, incarnation);
  if (!DROVER_FAULT(kStartTurnsLeak)) turn.world.starts.Finish(incarnation);
  slot.last_exit = exit;
  slot.last_healthy = HealthyTime(worker, turn.now);
  --generations_.at(worker.identity().generation).processes;
  // It is the successor's, where there is one.
  if (role == WorkerRole::kSuccessor ||
      (role == WorkerRole::kIncumbent && slot.successor == 0)) {
    slot.ready_at = absl::InfiniteFuture();
    SyncReadyTimer(slot, turn);
  }
  switch (role) {
    case WorkerRole::kIncumbent:
      slot.incumbent = 0;
      Vacate(slot, VacancyKind::kStopped, turn);
      break;
    case WorkerRole::kSuccessor:
      slot.successor = 0;
      break;
    case WorkerRole::kOutgoing:
      slot.outgoing = 0;
      break;
  }
  Verdict verdict = Judge(slot, worker, role, turn);
  turn.Emit(Notify{WorkerExited{exit, NextText(verdict, slot),
                                verdict.kind == Verdict::Kind::kLeave}});
  if (DROVER_FAULT(kExitToldTwice)) {
    turn.Emit(Notify{WorkerExited{exit, "ended", false}});
  }
  const bool fails_in_place = slot.awaited == Awaited::kReloaded;
  const uint32_t index = slot.index;
  Carry(verdict, slot, exit, turn);
  if (has_slot(index)) WantSuccessor(slots_[index], turn);
  if (fails_in_place && run_ && run_->in_place && has_slot(index)) {
    FailInPlace(slots_[index], FailureReason::kExited, Describe(*exit), turn);
  }
  RetireUnused(turn);
}

Pool::Verdict Pool::Judge(const Slot& slot, const Worker& worker,
                          WorkerRole role, Turn& turn) {
  using Kind = Verdict::Kind;
  if (role == WorkerRole::kOutgoing) return {Kind::kReplaced, {}};
  if (role == WorkerRole::kSuccessor) {
    const bool wanted = slot.replacement && !slot.replacement->promoted &&
                        worker.goal() != Goal::kQuit;
    return {wanted ? Kind::kReplacementFailed : Kind::kReplacementCalledOff,
            {}};
  }
  if (worker.goal() == Goal::kQuit || !Wanted(slot)) return {Kind::kAsked, {}};
  return JudgeUnasked(slot, worker, turn);
}

Pool::Verdict Pool::JudgeUnasked(const Slot& slot, const Worker& worker,
                                 Turn& turn) {
  using Kind = Verdict::Kind;
  // Whoever asked for it: what ends is of the generation that is on trial.
  if (run_ && run_->rollout && !run_->back &&
      worker.identity().generation == run_->rollout->to) {
    return {Kind::kFailsReload, {}};
  }
  const std::optional<Run>& run = RunOf(slot);
  if (run && !run->back && slot.awaited == Awaited::kStarted) {
    return {Kind::kFailsOperation, {}};
  }
  if (slot.replacement && slot.replacement->order == Order::kStartFirst &&
      !slot.replacement->promoted) {
    return {Kind::kSuccessorComes, {}};
  }
  return JudgeByPolicy(worker, PolicyFor(*worker.exit()), slots_[slot.index],
                       turn);
}

Pool::Verdict Pool::JudgeByPolicy(const Worker& worker, ExitAction action,
                                  Slot& slot, Turn& turn) {
  using Kind = Verdict::Kind;
  if (IsPermanent(*worker.exit()) &&
      (action == config::v1::EXIT_ACTION_RESTART ||
       action == config::v1::EXIT_ACTION_LEAVE)) {
    return {Kind::kPermanent, {}};
  }
  switch (action) {
    case config::v1::EXIT_ACTION_LEAVE:
      return {Kind::kLeave, {}};
    case config::v1::EXIT_ACTION_STOP_POOL:
      return {Kind::kStopPool, {}};
    case config::v1::EXIT_ACTION_SHUT_DOWN:
      return {Kind::kShutDown, {}};
    default:
      break;
  }
  return JudgeRestart(slot, HealthyTime(worker, turn.now), turn);
}

// A restart, unless it is one too many.
Pool::Verdict Pool::JudgeRestart(Slot& slot, absl::Duration healthy,
                                 Turn& turn) {
  if (!intensity_.Allow(MaxRestarts(), settings_.restart_window, turn.now)) {
    return {Verdict::Kind::kCrashLoop, {}};
  }
  return {Verdict::Kind::kRestart,
          slot.backoff.Next(settings_.backoff, healthy, turn.world.random)};
}

ExitAction Pool::PolicyFor(const Exit& exit) const {
  const config::v1::Restart& restart = settings_.restart;
  if (!exit.was_started) return restart.on_start_failure();
  if (IsUnresponsive(exit.cause)) return restart.on_unresponsive();
  if (std::holds_alternative<ExternalSignal>(exit.reason)) {
    return restart.on_external_signal();
  }
  if (std::holds_alternative<AbnormalExit>(exit.reason)) {
    return restart.on_abnormal_exit();
  }
  return restart.on_normal_exit();
}

bool Pool::IsPermanent(const Exit& exit) const {
  const auto* abnormal = std::get_if<AbnormalExit>(&exit.reason);
  if (abnormal == nullptr || DROVER_FAULT(kPermanentIgnored)) return false;
  const auto& codes = settings_.restart.permanent_exit_codes();
  return std::find(codes.begin(), codes.end(),
                   static_cast<uint32_t>(abnormal->code)) != codes.end();
}

std::string Pool::NextText(const Verdict& verdict, const Slot& slot) const {
  switch (verdict.kind) {
    case Verdict::Kind::kReplaced:
      return slot.removing ? "removed" : "replaced";
    case Verdict::Kind::kReplacementFailed:
      return "the replacement failed";
    case Verdict::Kind::kReplacementCalledOff:
      return "the replacement was called off";
    case Verdict::Kind::kAsked:
      if (slot.removing) return "removed";
      if (slot.leaving == slot.last_exit->worker.incarnation)
        return "stays ended, as it asked";
      return Wanted(slot) ? "a new process starts" : "stays ended";
    case Verdict::Kind::kSuccessorComes:
      return "its successor is starting";
    case Verdict::Kind::kFailsReload:
      return "the reload fails";
    case Verdict::Kind::kFailsOperation:
      return absl::StrCat(
          "the ", slot.awaited_by_scale ? "scale" : Name(run_->kind), " fails");
    case Verdict::Kind::kRestart:
      return absl::StrCat("restart in ",
                          absl::FormatDuration(absl::Trunc(
                              verdict.delay, absl::Milliseconds(1))),
                          run_ && run_->rollout && OffTarget(slot)
                              ? ", unless the reload fills the slot before"
                              : "");
    case Verdict::Kind::kLeave:
      return "left FAILED";
    case Verdict::Kind::kPermanent:
      return "left FAILED: its exit code is permanent";
    case Verdict::Kind::kStopPool:
      return "the pool is stopped";
    case Verdict::Kind::kShutDown:
      return "the supervisor shuts down";
    case Verdict::Kind::kCrashLoop:
      return "no restart: too many";
  }
  return "";
}

void Pool::Carry(const Verdict& verdict, Slot& slot,
                 const std::shared_ptr<const Exit>& exit, Turn& turn) {
  switch (verdict.kind) {
    case Verdict::Kind::kReplaced:
      if (slot.replacement && slot.replacement->promoted) {
        ReplacementDone(slot, turn);
      } else {
        SlotEmptied(slot, turn);
      }
      break;
    case Verdict::Kind::kReplacementFailed:
      OnReplacementFailed(slot, exit, turn);
      break;
    case Verdict::Kind::kReplacementCalledOff:
      if (slot.awaited == Awaited::kReplaced && run_ && run_->rollout &&
          !slot.removing) {
        RolloutSlotDone(slot, turn);
      } else {
        SlotEmptied(slot, turn);
      }
      break;
    case Verdict::Kind::kAsked:
      if (slot.leaving == exit->worker.incarnation) {
        slot.leaving = 0;
        Vacate(slot, VacancyKind::kLeft, turn);
      } else if (Wanted(slot)) {
        WantProcess(slot, turn);
      }
      // Gone is as good as stopped: it holds no work.
      Satisfy(slot, Awaited::kStopped, turn);
      SlotEmptied(slot, turn);
      break;
    case Verdict::Kind::kSuccessorComes:
      Vacate(slot, VacancyKind::kWaiting, turn);
      break;
    case Verdict::Kind::kFailsReload:
      FailRun(run_,
              BecauseOf(exit, "; the former generation serves on",
                        "mend the new generation, then reload again"),
              turn);
      break;
    case Verdict::Kind::kFailsOperation:
      FailOperation(slot, exit, turn);
      break;
    case Verdict::Kind::kRestart:
      Restart(slot, verdict.delay, turn);
      break;
    case Verdict::Kind::kLeave:
    case Verdict::Kind::kPermanent:
      Leave(slot, turn);
      break;
    case Verdict::Kind::kStopPool:
      FailPool(
          FailureReason::kPolicy,
          BecauseOf(exit, "; its restart policy stops the pool", StartAgain()),
          turn);
      break;
    case Verdict::Kind::kShutDown:
      Vacate(slot, VacancyKind::kLeft, turn);
      turn.world.shutdown_wanted = ShutdownWish{
          BecauseOf(exit, "; its restart policy shuts the supervisor down", ""),
          kExitPolicy};
      break;
    case Verdict::Kind::kCrashLoop:
      FailPool(FailureReason::kCrashLoop,
               BecauseOf(exit,
                         absl::StrCat(
                             "; more than ", MaxRestarts(), " restarts within ",
                             absl::FormatDuration(settings_.restart_window)),
                         StartAgain()),
               turn);
      break;
  }
}

void Pool::FailOperation(Slot& slot, const std::shared_ptr<const Exit>& exit,
                         Turn& turn) {
  const uint32_t index = slot.index;
  FailRun(RunOf(slot), BecauseOf(exit, "", RemedyFor(*exit)), turn);
  // Where the pool runs on without it, someone has to look at it.
  if (has_slot(index) && Wanted(slots_[index]) &&
      slots_[index].vacancy == VacancyKind::kStopped) {
    Vacate(slots_[index], VacancyKind::kLeft, turn);
  }
}

void Pool::Restart(Slot& slot, absl::Duration delay, Turn& turn) {
  ++slot.restarts;
  ++restarts_;
  WantProcessAfter(slot, delay, turn);
}

void Pool::Leave(Slot& slot, Turn& turn) {
  Vacate(slot, VacancyKind::kLeft, turn);
  // The other process goes when the pool can do without it; then it is done.
  if (slot.replacement && slot.replacement->held) return;
  // Only on the way back: on the way forth such an end fails the operation.
  if (slot.awaited != Awaited::kReplaced || !run_ || !run_->rollout) return;
  slot.replacement.reset();
  RolloutSlotDone(slot, turn);
}

void Pool::OnReplacementFailed(Slot& slot,
                               const std::shared_ptr<const Exit>& exit,
                               Turn& turn) {
  const uint32_t index = slot.index;
  slot.replacement.reset();
  if (run_ && run_->rollout) {
    RolloutReplacementFailed(slot, exit, turn);
  } else if (run_ && slot.awaited == Awaited::kReplaced) {
    FailRun(run_,
            BecauseOf(exit, "; the former process stays",
                      "mend what the new one's last output says, then try "
                      "again"),
            turn);
  }
  // Undoing the operation may have taken the slot away.
  if (has_slot(index)) RefillAfterFailure(slots_[index], turn);
}

// The incumbent may have ended while its successor failed: then nothing else
// fills the place.
void Pool::RefillAfterFailure(Slot& slot, Turn& turn) {
  if (slot.incumbent != 0 || slot.replacement || !Wanted(slot)) return;
  if (slot.vacancy != VacancyKind::kWaiting) return;
  Restart(slot,
          slot.backoff.Next(settings_.backoff, absl::ZeroDuration(),
                            turn.world.random),
          turn);
}

uint64_t Pool::MaxRestarts() const {
  return uint64_t{settings_.restart.max_restarts()} * count_;
}

std::string Pool::StartAgain() const {
  return absl::StrCat("mend it, then: drover start ", name_);
}

void Pool::FailPool(FailureReason reason, Failure failure, Turn& turn) {
  failure.reason = reason;
  auto shared = std::make_shared<const Failure>(std::move(failure));
  if (run_) EndRun(run_, OperationState::kFailed, shared, turn);
  if (scale_) EndRun(scale_, OperationState::kFailed, shared, turn);
  failure_ = shared;
  SetState(PoolState::kFailed, turn);
  for (Slot& slot : slots_) {
    // A reload to more slots may have been under way.
    slot.removing = slot.removing || slot.index >= count_;
    Dismiss(slot, worker::v1::CAUSE_SHUTDOWN, "the pool has failed", turn);
  }
  TrimSlots();
}

bool Pool::Decide(uint32_t index, ExitAction action, Turn& turn) {
  if (!has_slot(index)) return false;
  Slot& slot = slots_[index];
  if (!Wanted(slot) || slot.incumbent != 0 ||
      slot.vacancy != VacancyKind::kLeft || slot.last_exit == nullptr) {
    return false;
  }
  Verdict verdict{Verdict::Kind::kLeave, {}};
  switch (action) {
    case config::v1::EXIT_ACTION_RESTART:
      verdict = JudgeRestart(slot, slot.last_healthy, turn);
      break;
    case config::v1::EXIT_ACTION_STOP_POOL:
      verdict.kind = Verdict::Kind::kStopPool;
      break;
    case config::v1::EXIT_ACTION_SHUT_DOWN:
      verdict.kind = Verdict::Kind::kShutDown;
      break;
    default:
      break;
  }
  Carry(verdict, slot, slot.last_exit, turn);
  Follow(turn);
  return true;
}

}  // namespace drover::core
