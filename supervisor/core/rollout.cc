// Reload by replacement: a transaction over the slots of a pool. The rollout
// says of what generation every slot shall be, and as long as one is not, the
// next is replaced, within surge, floor and canary. When one of the new
// generation fails, the target is the former one again.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/pool.h"

namespace drover::core {
namespace {

// A slot's way back is tried so often; then it stays where it is.
constexpr uint32_t kRollbackAttempts = 3;

constexpr char kFailed[] = "the new generation failed";

}  // namespace

void Pool::BeginReload(OperationId operation, const config::v1::Pool& spec,
                       Turn& turn) {
  Run& run = BeginRun(run_, operation, OperationKind::kReload);
  Rollout& rollout = run.rollout.emplace();
  rollout.from = generation_;
  rollout.to = AddGeneration(spec);
  rollout.new_count = spec.count();
  rollout.policy = SettingsOf(spec).reload;
  rollout.canary_passed = rollout.policy.canary_workers == 0;
  rollout.progress_deadline = turn.now + rollout.policy.progress_timeout;
  // Slots that the new generation adds are vacant until it fills them.
  while (slots_.size() < rollout.new_count) AddSlot(rollout.from, turn);
  for (Slot& slot : slots_) {
    slot.rollback_failures = 0;
    // One that a cancelled scale still drains is wanted again.
    if (slot.index < rollout.new_count) slot.removing = false;
  }
  turn.world.operations.SetTotal(operation, rollout.new_count, turn.effects);
  Follow(turn);
}

// Of processes that are made now.
Generation Pool::TargetGeneration() const {
  if (!run_ || !run_->rollout) return generation_;
  return run_->back ? run_->rollout->from : run_->rollout->to;
}

uint32_t Pool::MaxSurge() const {
  const Rollout& rollout = *run_->rollout;
  return RoundedUp(rollout.policy.max_surge, rollout.new_count) +
         (DROVER_FAULT(kSurgeOffByOne) ? 1 : 0);
}

// Of the smaller of both counts: what serves now, and what shall serve, is not
// more.
uint32_t Pool::MaxUnavailable() const {
  const Rollout& rollout = *run_->rollout;
  const uint32_t count = std::min(count_, rollout.new_count);
  const uint32_t least = MaxSurge() == 0 ? 1 : 0;
  return std::max(RoundedDown(rollout.policy.max_unavailable, count), least);
}

uint32_t Pool::Floor() const {
  const uint32_t count = std::min(count_, run_->rollout->new_count);
  return count - std::min(count, MaxUnavailable() +
                                     (DROVER_FAULT(kFloorOffByOne) ? 1 : 0));
}

Pool::Tally Pool::Count(const Turn& turn) const {
  auto serves = [&](Incarnation process) {
    const Worker* worker = turn.Find(process);
    return worker != nullptr && worker->serves();
  };
  Tally tally;
  for (const Slot& slot : slots_) {
    const bool proving =
        slot.successor == 0 && slot.ready_at != absl::InfiniteFuture();
    if (serves(slot.incumbent) && !proving) ++tally.available;
    if (serves(slot.outgoing)) ++tally.available;
    if (slot.awaited_by_scale || slot.awaited != Awaited::kReplaced) continue;
    ++tally.under_way;
    const bool fills =
        slot.replacement && slot.replacement->order == Order::kStopFirst;
    if (!fills) ++tally.surging;
  }
  return tally;
}

// Whether the process may be told to go without falling below the floor.
bool Pool::CanSpare(Incarnation incarnation, const Tally& tally,
                    const Turn& turn) const {
  const Worker* worker = turn.Find(incarnation);
  if (worker == nullptr || !worker->serves()) return true;
  return tally.available > Floor();
}

// Not what it shall be, and not given up.
bool Pool::OffTarget(const Slot& slot) const {
  return slot.index < run_->rollout->new_count && !slot.removing &&
         slot.generation != TargetGeneration() &&
         slot.rollback_failures < kRollbackAttempts &&
         !(DROVER_FAULT(kRollbackForgetsSlot) && run_->back && slot.index == 0);
}

// ... and nothing else goes on in it.
bool Pool::ToBeReplaced(const Slot& slot) const {
  return OffTarget(slot) && !slot.replacement &&
         slot.awaited == Awaited::kNone && slot.successor == 0 &&
         slot.outgoing == 0;
}

void Pool::PumpRollout(Turn& turn) {
  ReleaseHeld(turn);
  KeepToSurge(turn);
  Tally tally = Count(turn);
  while (ReplaceNext(tally, turn)) tally = Count(turn);
  if (tally.under_way > 0) return;
  if (CanaryIsOut()) {
    BeginBaking(turn);
    return;
  }
  const bool left =
      std::any_of(slots_.begin(), slots_.end(),
                  [this](const Slot& slot) { return OffTarget(slot); });
  // What is left waits for the floor, or for something else in its slot.
  if (!left) FinishRollout(turn);
}

// A scale may have taken slots away, and with them a part of the surge: what
// was begun within it, and has not been spawned, waits again.
void Pool::KeepToSurge(Turn& turn) {
  uint32_t surging = Count(turn).surging;
  for (size_t index = slots_.size(); index > 0 && surging > MaxSurge();
       --index) {
    Slot& slot = slots_[index - 1];
    const bool waits = slot.awaited == Awaited::kReplaced &&
                       !slot.awaited_by_scale && slot.incumbent != 0 &&
                       slot.awaits_successor() && slot.successor == 0;
    if (!waits) continue;
    CallOffReplacement(slot, turn);
    slot.awaited = Awaited::kNone;
    --surging;
    if (!run_->back) --run_->rollout->begun;
  }
}

// The part of the new generation that is tried first has been made.
bool Pool::CanaryIsOut() const {
  const Rollout& rollout = *run_->rollout;
  return !DROVER_FAULT(kCanaryNotBaked) && !run_->back &&
         !rollout.canary_passed &&
         rollout.begun >= rollout.policy.canary_workers;
}

// False if none may be replaced now.
bool Pool::ReplaceNext(const Tally& tally, Turn& turn) {
  if (CanaryIsOut()) return false;
  Slot* first = nullptr;
  for (Slot& slot : slots_) {
    if (!ToBeReplaced(slot)) continue;
    // Nothing is lost where there is nothing.
    if (slot.incumbent == 0) {
      ReplaceInRollout(slot, Order::kStopFirst, turn);
      return true;
    }
    if (first == nullptr) first = &slot;
  }
  if (first == nullptr) return false;
  if (tally.surging < MaxSurge()) {
    ReplaceInRollout(*first, Order::kStartFirst, turn);
    return true;
  }
  if (MaxUnavailable() == 0 || !CanSpare(first->incumbent, tally, turn)) {
    return false;
  }
  ReplaceInRollout(*first, Order::kStopFirst, turn);
  return true;
}

void Pool::ReplaceInRollout(Slot& slot, Order order, Turn& turn) {
  Rollout& rollout = *run_->rollout;
  if (!run_->back) ++rollout.begun;
  slot.awaited = Awaited::kReplaced;
  slot.awaited_by_scale = false;
  BeginReplacement(slot,
                   {.order = order,
                    .generation = TargetGeneration(),
                    .cause = run_->back ? worker::v1::CAUSE_ROLLBACK
                                        : worker::v1::CAUSE_RELOAD,
                    .text = run_->back ? kFailed
                                       : absl::StrCat("generation ", rollout.to,
                                                      " takes over")},
                   turn);
}

void Pool::ReleaseHeld(Turn& turn) {
  for (Slot& slot : slots_) {
    if (!slot.replacement || !slot.replacement->held) continue;
    if (run_ && run_->rollout && !CanSpare(slot.outgoing, Count(turn), turn)) {
      return;
    }
    slot.replacement->held = false;
    SetGoal(slot.outgoing, Goal::kQuit, slot.replacement->cause,
            slot.replacement->text, turn);
  }
}

void Pool::BeginBaking(Turn& turn) {
  Rollout& rollout = *run_->rollout;
  if (rollout.bakes_until != absl::InfiniteFuture()) return;
  rollout.bakes_until = turn.now + rollout.policy.bake_time;
  rollout.progress_deadline =
      rollout.bakes_until + rollout.policy.progress_timeout;
  turn.Emit(Notify{OperationChanged{run_->operation}});
}

void Pool::RolloutSlotDone(Slot& slot, Turn& turn) {
  if (slot.awaited != Awaited::kReplaced || slot.awaited_by_scale || !run_ ||
      !run_->rollout) {
    return;
  }
  slot.awaited = Awaited::kNone;
  run_->rollout->progress_deadline =
      turn.now + run_->rollout->policy.progress_timeout;
  if (!run_->back) {
    turn.world.operations.Advance(run_->operation, turn.effects);
  }
}

void Pool::RolloutReplacementFailed(Slot& slot,
                                    const std::shared_ptr<const Exit>& exit,
                                    Turn& turn) {
  if (run_->back) {
    ++slot.rollback_failures;
    RolloutSlotDone(slot, turn);
    return;
  }
  slot.awaited = Awaited::kNone;
  FailRun(run_,
          BecauseOf(exit, "; the former generation serves on",
                    "mend the new generation, then reload again"),
          turn);
}

void Pool::OnNoProgress(Turn& turn) {
  if (DROVER_FAULT(kNoProgressIgnored)) {
    run_->rollout->progress_deadline = absl::InfiniteFuture();
    return;
  }
  const std::string time =
      absl::FormatDuration(run_->rollout->policy.progress_timeout);
  if (run_->back) {
    EndRollBack(absl::StrCat("no progress for ", time), turn);
    return;
  }
  FailRun(run_,
          Because(FailureReason::kDeadline,
                  absl::StrCat("no worker was replaced for ", time,
                               "; the former generation serves on"),
                  "see what the new workers, or those that drain, wait for; "
                  "reload.progress_timeout says how long"),
          turn);
}

// Every slot either still holds the former generation (nothing to do), is on
// its way (called off, turned round, or replaced back when it has arrived), or
// holds the new one (replaced back).
void Pool::RollBack(Turn& turn) {
  run_->back = true;
  Rollout& rollout = *run_->rollout;
  rollout.new_count = count_;
  rollout.bakes_until = absl::InfiniteFuture();
  rollout.progress_deadline = turn.now + rollout.policy.progress_timeout;
  turn.world.operations.SetRollingBack(run_->operation, turn.effects);
  for (Slot& slot : slots_) {
    if (slot.awaited_by_scale && slot.awaited != Awaited::kNone) {
      RollBackScaled(slot, turn);
    } else {
      RollBackSlot(slot, turn);
    }
  }
  TrimSlots();
}

// What a scale has added meanwhile comes up in the former generation instead.
void Pool::RollBackScaled(Slot& slot, Turn& turn) {
  if (slot.awaited == Awaited::kStarted &&
      slot.generation == run_->rollout->to) {
    RefillFrom(slot, turn);
  }
}

void Pool::RollBackSlot(Slot& slot, Turn& turn) {
  const Generation from = run_->rollout->from;
  slot.awaited = Awaited::kNone;
  slot.awaited_by_scale = false;
  if (slot.index >= count_) {
    Remove(slot, worker::v1::CAUSE_ROLLBACK, kFailed, turn);
    if (slot.has_process()) slot.awaited = Awaited::kReplaced;
    return;
  }
  if (!slot.replacement) {
    // Added by the reload, not begun by it, and kept by a scale beside it.
    if (slot.generation == from && slot.incumbent == 0 &&
        slot.vacancy == VacancyKind::kStopped) {
      RefillFrom(slot, turn);
    }
    return;
  }
  if (slot.replacement->order == Order::kStopFirst) {
    const Worker* incumbent = turn.Find(slot.incumbent);
    if (incumbent != nullptr && incumbent->serves()) {
      // It takes work: replaced back in its turn, as the floor allows.
      slot.replacement.reset();
      slot.ready_at = absl::InfiniteFuture();
      SyncReadyTimer(slot, turn);
      return;
    }
    RefillFrom(slot, turn);
    slot.awaited = Awaited::kReplaced;
    return;
  }
  if (!slot.replacement->promoted) {
    CallOffReplacement(slot, turn);
    if (slot.successor == 0) return;
  } else if (slot.replacement->held && slot.replacement->generation != from) {
    SwapBack(slot);
  } else if (slot.incumbent == 0) {
    // The new process has ended, and the former is told to go already.
    RefillFrom(slot, turn);
  }
  // What still has to end, or to arrive, counts against the surge.
  slot.awaited = Awaited::kReplaced;
}

// The outgoing process was only held: it takes its place again, and the other
// one is held instead as long as the floor needs it.
void Pool::SwapBack(Slot& slot) {
  std::swap(slot.incumbent, slot.outgoing);
  slot.generation = run_->rollout->from;
  slot.replacement->generation = slot.generation;
  slot.replacement->cause = worker::v1::CAUSE_ROLLBACK;
  slot.replacement->text = kFailed;
}

// The slot's next process is of the former generation; one of the new one that
// is there already goes.
void Pool::RefillFrom(Slot& slot, Turn& turn) {
  const Generation from = run_->rollout->from;
  const Worker* incumbent = turn.Find(slot.incumbent);
  const bool of_another =
      incumbent != nullptr && incumbent->identity().generation != from;
  const bool promoted = slot.replacement && slot.replacement->promoted;
  if (of_another || promoted) {
    BeginReplacement(slot,
                     {.order = Order::kStopFirst,
                      .generation = from,
                      .cause = worker::v1::CAUSE_ROLLBACK,
                      .text = kFailed},
                     turn);
    return;
  }
  slot.generation = from;
  if (slot.replacement) slot.replacement->generation = from;
  if (incumbent == nullptr) WantProcess(slot, turn);
}

void Pool::FinishRollout(Turn& turn) {
  if (run_->back) {
    EndRollBack("", turn);
    return;
  }
  generation_ = run_->rollout->to;
  count_ = run_->rollout->new_count;
  settings_ = SettingsOf(spec());
  turn.Emit(Notify{PoolChanged{name_, state_, state_, count_, generation_}});
  run_->rollout.reset();
  // The new generation may have fewer slots.
  for (Slot& slot : slots_) {
    if (slot.index < count_ || slot.removing) continue;
    if (slot.has_process()) Await(run_, slot, Awaited::kGone);
    Remove(slot, worker::v1::CAUSE_SCALE_DOWN, "scale down", turn);
  }
  TrimSlots();
  if (run_->pending == 0) PhaseDone(run_, turn);
}

// `why` if the way back was not finished.
void Pool::EndRollBack(absl::string_view why, Turn& turn) {
  std::vector<uint32_t> left_behind;
  for (const Slot& slot : slots_) {
    if (slot.index >= count_) continue;
    const bool away = slot.generation != run_->rollout->from ||
                      slot.awaited == Awaited::kReplaced;
    if (away && !slot.awaited_by_scale) left_behind.push_back(slot.index);
  }
  if (left_behind.empty() && why.empty()) {
    EndRun(run_, OperationState::kRolledBack, run_->failure, turn);
    return;
  }
  // What has not come by now is not waited for.
  for (Slot& slot : slots_) {
    if (slot.awaited != Awaited::kReplaced || slot.awaited_by_scale) continue;
    if (slot.awaits_successor()) CallOffReplacement(slot, turn);
  }
  Failure failure = *run_->failure;
  absl::StrAppend(&failure.message, "; the way back failed too",
                  why.empty() ? "" : ": ", why, ": slots ",
                  absl::StrJoin(left_behind, ", "), " are not on generation ",
                  run_->rollout->from);
  EndRun(run_, OperationState::kFailed,
         std::make_shared<const Failure>(std::move(failure)), turn);
}

}  // namespace drover::core
