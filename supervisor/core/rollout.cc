// Reload: a transaction over the slots of a pool. Each slot is replaced, start
// first, at most max_surge at a time; when one fails, those that were replaced
// are replaced back, and the others were never touched.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "supervisor/core/pool.h"

namespace drover::core {

void Pool::BeginReload(OperationId operation, const config::v1::Pool& spec,
                       Turn& turn) {
  Run& run = BeginRun(operation, OperationKind::kReload);
  Rollout& rollout = run.rollout.emplace();
  rollout.from = generation_;
  rollout.to = AddGeneration(spec);
  rollout.former_count = count_;
  rollout.new_count = spec.count();
  // Slots that the new generation adds are vacant until it fills them.
  while (slots_.size() < rollout.new_count) AddSlot(rollout.to, turn);
  for (uint32_t slot = 0; slot < rollout.new_count; ++slot) {
    rollout.queue.push_back(slot);
  }
  turn.world.operations.SetTotal(operation, rollout.new_count, turn.effects);
  PumpRollout(turn);
}

void Pool::PumpRollout(Turn& turn) {
  Rollout& rollout = *run_->rollout;
  while (rollout.under_way < settings_.max_surge &&
         rollout.next < rollout.queue.size()) {
    Slot& slot = slots_[rollout.queue[rollout.next++]];
    ++rollout.under_way;
    slot.awaited = Awaited::kReplaced;
    BeginReplacement(
        slot,
        {.order = Order::kStartFirst,
         .generation = run_->back ? rollout.from : rollout.to,
         .cause =
             run_->back ? worker::v1::CAUSE_ROLLBACK : worker::v1::CAUSE_RELOAD,
         .text = run_->back
                     ? "the new generation failed"
                     : absl::StrCat("generation ", rollout.to, " takes over")},
        turn);
  }
  if (rollout.under_way == 0) FinishRollout(turn);
}

// The successor holds the place, and its predecessor is gone.
void Pool::ReplacementDone(Slot& slot, Turn& turn) {
  slot.replacement.reset();
  if (!run_ || !run_->rollout || slot.awaited != Awaited::kReplaced) {
    Satisfy(slot, Awaited::kReplaced, turn);
    return;
  }
  // It was on its way to the new generation when the way back began.
  if (run_->back && slot.generation == run_->rollout->to) {
    run_->rollout->queue.push_back(slot.index);
  }
  RolloutSlotDone(slot, turn);
}

void Pool::RolloutSlotDone(Slot& slot, Turn& turn) {
  if (slot.awaited != Awaited::kReplaced) return;
  slot.awaited = Awaited::kNone;
  --run_->rollout->under_way;
  if (!run_->back) {
    turn.world.operations.Advance(run_->operation, turn.effects);
  }
  PumpRollout(turn);
}

// Every slot either still holds the former generation (nothing to do), is on
// its way (called off, or turned round when it arrives), or holds the new one
// (replaced back).
void Pool::RollBack(Turn& turn) {
  Rollout& rollout = *run_->rollout;
  run_->back = true;
  rollout.queue.clear();
  rollout.next = 0;
  rollout.under_way = 0;
  turn.world.operations.SetRollingBack(run_->operation, turn.effects);
  for (Slot& slot : slots_) {
    slot.awaited = Awaited::kNone;
    slot.rollback_failures = 0;
    if (slot.index >= rollout.former_count) {
      Remove(slot, worker::v1::CAUSE_ROLLBACK, "the new generation failed",
             turn);
    } else if (slot.replacement && !slot.replacement->promoted) {
      CallOffReplacement(slot, turn);
    } else if (!slot.replacement && slot.generation == rollout.to) {
      rollout.queue.push_back(slot.index);
      continue;
    }
    // What still has to end, or to arrive, counts against the surge.
    if (slot.successor != 0 || slot.outgoing != 0 ||
        (slot.removing && slot.has_process())) {
      slot.awaited = Awaited::kReplaced;
      ++rollout.under_way;
    }
  }
  TrimSlots(turn);
  PumpRollout(turn);
}

void Pool::FinishRollout(Turn& turn) {
  Rollout rollout = *run_->rollout;
  if (run_->back) {
    if (rollout.left_behind.empty()) {
      EndRun(OperationState::kRolledBack, run_->failure, turn);
      return;
    }
    Failure failure = *run_->failure;
    absl::StrAppend(&failure.message, "; the way back failed too: slots ",
                    absl::StrJoin(rollout.left_behind, ", "),
                    " stay on generation ", rollout.to);
    EndRun(OperationState::kFailed,
           std::make_shared<const Failure>(std::move(failure)), turn);
    return;
  }
  generation_ = rollout.to;
  count_ = rollout.new_count;
  settings_ = SettingsOf(spec());
  turn.Emit(Notify{PoolChanged{name_, state_, state_, count_, generation_}});
  run_->rollout.reset();
  // The new generation may have fewer slots.
  for (Slot& slot : slots_) {
    if (slot.index < count_) continue;
    if (slot.has_process()) Await(slot, Awaited::kGone);
    Remove(slot, worker::v1::CAUSE_SCALE_DOWN, "scale down", turn);
  }
  TrimSlots(turn);
  if (run_->pending == 0) PhaseDone(turn);
}

}  // namespace drover::core
