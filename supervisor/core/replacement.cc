// The one mechanism that fills a slot: its process is replaced, with a cause
// and an order. Reload, rollback and restart choose the arguments; a start and
// a crash, which find the slot empty, take its last step alone (WantProcess).
#include <utility>

#include "supervisor/core/fault.h"
#include "supervisor/core/pool.h"

namespace drover::core {

void Pool::BeginReplacement(Slot& slot, Replacement replacement, Turn& turn) {
  slot.replacement = std::move(replacement);
  slot.ready_at = absl::InfiniteFuture();
  SyncReadyTimer(slot, turn);
  CallOffRestart(slot, turn);
  if (slot.replacement->order == Order::kStartFirst) {
    if (slot.incumbent == 0) Vacate(slot, VacancyKind::kWaiting, turn);
    WantSuccessor(slot, turn);
    if (DROVER_FAULT(kStopsBeforeStarted)) {
      SetGoal(slot.incumbent, Goal::kQuit, slot.replacement->cause,
              slot.replacement->text, turn);
    }
    return;
  }
  slot.generation = slot.replacement->generation;
  if (slot.incumbent == 0) {
    WantProcess(slot, turn);
  } else {
    SetGoal(slot.incumbent, Goal::kQuit, slot.replacement->cause,
            slot.replacement->text, turn);
  }
}

// Unless it is there, or has had its turn.
void Pool::WantSuccessor(const Slot& slot, Turn& turn) const {
  if (!slot.awaits_successor() || slot.successor != 0 || slot.outgoing != 0) {
    return;
  }
  turn.world.starts.Enqueue({id_, slot.index, WorkerRole::kSuccessor});
}

absl::Duration Pool::MinReadyTime() const {
  return run_ && run_->rollout ? run_->rollout->policy.min_ready_time
                               : settings_.reload.min_ready_time;
}

// The new process is STARTED: it counts once it has been so for long enough.
void Pool::ProveReady(Slot& slot, Turn& turn) {
  const bool proves = slot.awaited == Awaited::kReplaced;
  if (!proves || MinReadyTime() == absl::ZeroDuration()) {
    BecomeReady(slot, turn);
    return;
  }
  slot.ready_at = turn.now + MinReadyTime();
  SyncReadyTimer(slot, turn);
}

void Pool::BecomeReady(Slot& slot, Turn& turn) {
  slot.ready_at = absl::InfiniteFuture();
  SyncReadyTimer(slot, turn);
  if (slot.replacement->order == Order::kStartFirst) {
    Promote(slot, turn);
  } else {
    ReplacementDone(slot, turn);
  }
}

// The successor takes the place; from here on the replacement only waits for
// the former incumbent to be gone.
void Pool::Promote(Slot& slot, Turn& turn) {
  CallOffRestart(slot, turn);
  slot.outgoing = std::exchange(slot.incumbent, slot.successor);
  slot.successor = 0;
  slot.vacancy = VacancyKind::kNone;
  slot.generation = slot.replacement->generation;
  slot.replacement->promoted = true;
  if (slot.outgoing == 0) {
    ReplacementDone(slot, turn);
  } else if (run_ && run_->rollout &&
             !CanSpare(slot.outgoing, Count(turn), turn)) {
    slot.replacement->held = true;
  } else {
    SetGoal(slot.outgoing, Goal::kQuit, slot.replacement->cause,
            slot.replacement->text, turn);
  }
}

// Before the promotion: the incumbent stays. Where there is none, one that
// would be started now is as good as the one that is coming.
void Pool::CallOffReplacement(Slot& slot, Turn& turn) {
  const bool same = slot.replacement->generation == slot.generation;
  slot.replacement.reset();
  slot.ready_at = absl::InfiniteFuture();
  SyncReadyTimer(slot, turn);
  if (slot.incumbent == 0 && slot.successor != 0 && same) {
    slot.incumbent = std::exchange(slot.successor, 0);
    slot.vacancy = VacancyKind::kNone;
    return;
  }
  if (slot.successor != 0) {
    SetGoal(slot.successor, Goal::kQuit, worker::v1::CAUSE_ROLLBACK,
            "the replacement was called off", turn);
  }
  if (slot.incumbent == 0 && Wanted(slot)) WantProcess(slot, turn);
}

// The new process holds the place, and its predecessor is gone.
void Pool::ReplacementDone(Slot& slot, Turn& turn) {
  slot.replacement.reset();
  if (slot.awaited == Awaited::kReplaced && run_ && run_->rollout) {
    RolloutSlotDone(slot, turn);
    return;
  }
  Satisfy(slot, Awaited::kReplaced, turn);
  Satisfy(slot, Awaited::kStarted, turn);
}

}  // namespace drover::core
