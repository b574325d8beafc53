// Reload in the same processes: one worker after another reads its
// configuration again. The first that cannot ends it; that one, and those after
// it, keep their former configuration.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "supervisor/core/pool.h"

namespace drover::core {

void Pool::BeginReloadInPlace(OperationId operation, Turn& turn) {
  InPlace& in_place =
      BeginRun(run_, operation, OperationKind::kReload).in_place.emplace();
  for (const Slot& slot : slots_) {
    const Worker* incumbent = turn.Find(slot.incumbent);
    // Others read it when they start.
    if (incumbent != nullptr && incumbent->serves()) {
      in_place.queue.push_back(slot.index);
    }
  }
  turn.world.operations.SetTotal(
      operation, static_cast<uint32_t>(in_place.queue.size()), turn.effects);
  Follow(turn);
}

std::optional<Identity> Pool::CannotReload(const Workers& workers) const {
  for (const Slot& slot : slots_) {
    auto found = workers.find(slot.incumbent);
    if (found == workers.end() || !found->second->serves()) continue;
    if (!found->second->CanReload()) return found->second->identity();
  }
  return std::nullopt;
}

void Pool::PumpInPlace(Turn& turn) {
  InPlace& in_place = *run_->in_place;
  for (const Slot& slot : slots_) {
    if (slot.awaited == Awaited::kReloaded) return;
  }
  while (in_place.next < in_place.queue.size()) {
    const uint32_t index = in_place.queue[in_place.next++];
    if (!has_slot(index)) continue;
    Slot& slot = slots_[index];
    Worker* worker = turn.Find(slot.incumbent);
    // It has gone meanwhile; its successor starts with what is new.
    if (worker == nullptr || !worker->CanReload() ||
        slot.awaited != Awaited::kNone) {
      continue;
    }
    Await(run_, slot, Awaited::kReloaded);
    worker->Reload(turn.context());
    turn.SyncTimer(*worker);
    return;
  }
  EndRun(run_, OperationState::kSucceeded, nullptr, turn);
}

void Pool::OnReloaded(Slot& slot, Worker& worker, Turn& turn) {
  const Worker::Reloaded reloaded = worker.TakeReload();
  if (slot.awaited != Awaited::kReloaded || !run_ || !run_->in_place) return;
  if (reloaded.reason != FailureReason::kNone) {
    FailInPlace(slot, reloaded.reason, reloaded.text, turn);
    return;
  }
  slot.awaited = Awaited::kNone;
  --run_->pending;
  run_->in_place->done.push_back(slot.index);
  turn.world.operations.Advance(run_->operation, turn.effects);
}

void Pool::FailInPlace(const Slot& slot, FailureReason reason,
                       absl::string_view text, Turn& turn) {
  const InPlace& in_place = *run_->in_place;
  Failure failure = Because(
      reason,
      absl::StrCat(
          name_, "/", slot.index, " did not reload: ", text,
          in_place.done.empty()
              ? "; every worker keeps its former configuration"
              : absl::StrCat("; the new configuration is in force in slots ",
                             absl::StrJoin(in_place.done, ", "), " alone")),
      absl::StrCat("mend the configuration, then: drover reload ", name_));
  if (const auto& exit = slot.last_exit;
      reason == FailureReason::kExited && exit != nullptr) {
    failure.worker = exit->worker;
    failure.exit = exit;
  }
  EndRun(run_, OperationState::kFailed,
         std::make_shared<const Failure>(std::move(failure)), turn);
}

}  // namespace drover::core
