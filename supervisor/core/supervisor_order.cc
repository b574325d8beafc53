// The order of pools: who starts after whom, and who goes before whom.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/supervisor_impl.h"

namespace drover::core {
namespace {

bool ComesAfter(const Pool& pool, absl::string_view name) {
  const auto& after = pool.spec().after();
  return std::find(after.begin(), after.end(), name) != after.end();
}

// On its way to RUNNING, by itself or by an operation.
bool MayStillRun(const Pool& pool) {
  switch (pool.state()) {
    case PoolState::kStarting:
    case PoolState::kWaiting:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::string> Supervisor::Impl::WaitsFor(const Pool& pool) const {
  std::string waits_for;
  if (DROVER_FAULT(kOrderIgnored)) return waits_for;
  for (const std::string& name : pool.spec().after()) {
    const Pool* before = Find(name);
    if (before != nullptr && before->state() == PoolState::kRunning) continue;
    if (before == nullptr || !MayStillRun(*before)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "pool ", pool.name(), " starts after pool ", name, ", which is ",
          before == nullptr ? "not there" : Name(before->state())));
    }
    if (waits_for.empty()) waits_for = name;
  }
  return waits_for;
}

std::string Supervisor::Impl::HeldBy(const Pool& pool) const {
  for (const auto& [id, other] : pools_) {
    const bool goes =
        other.state() == PoolState::kRemoving || removals_.contains(id);
    if (goes && &other != &pool && ComesAfter(other, pool.name())) {
      return other.name();
    }
  }
  return "";
}

// Each step may make way for the next.
void Supervisor::Impl::FollowOrder(Turn& turn) {
  while (StartWaiting(turn) || BeginRemovals(turn) || DropRemovedPools(turn)) {
  }
}

bool Supervisor::Impl::StartWaiting(Turn& turn) {
  bool any = false;
  for (auto& [id, pool] : pools_) {
    if (pool.state() != PoolState::kWaiting) continue;
    auto waits_for = WaitsFor(pool);
    if (!waits_for.ok()) {
      pool.FailStart(
          Because(FailureReason::kOrder, waits_for.status().message(),
                  "start that one first"),
          turn);
      any = true;
    } else if (waits_for->empty()) {
      pool.ContinueStart(turn);
      any = true;
    }
  }
  return any;
}

bool Supervisor::Impl::BeginRemovals(Turn& turn) {
  for (const auto& [id, removal] : removals_) {
    Pool& pool = pools_.at(id);
    // Only what serves is of use to those that go before it.
    if (pool.state() == PoolState::kRunning && !HeldBy(pool).empty()) continue;
    const Removal begun = removal;
    removals_.erase(id);
    pool.BeginRemove(begun.operation, begun.cause, begun.why, turn);
    return true;
  }
  return false;
}

bool Supervisor::Impl::DropRemovedPools(Turn& turn) {
  bool any = false;
  for (auto it = pools_.begin(); it != pools_.end();) {
    Pool& pool = it->second;
    if (pool.state() != PoolState::kRemoving || pool.processes() > 0 ||
        pool.operation() != 0) {
      ++it;
      continue;
    }
    std::string name = pool.name();
    it = pools_.erase(it);
    turn.Emit(RetirePool{name});
    turn.Emit(Notify{PoolRemoved{name}});
    any = true;
  }
  return any;
}

// What an operation waits for that is no worker.
void Supervisor::Impl::AppendOrder(const Pool& pool,
                                   std::vector<WaitingView>* waiting) const {
  WaitingView view;
  OperationId waits = pool.operation();
  if (pool.state() == PoolState::kWaiting) {
    auto waits_for = WaitsFor(pool);
    if (!waits_for.ok() || waits_for->empty()) return;
    view.worker.pool = pool.name();
    view.vacancy = VacancyKind::kWaiting;
    view.what = absl::StrCat("pool ", *waits_for, " to be RUNNING");
  } else if (removals_.contains(pool.id())) {
    view.worker.pool = pool.name();
    view.vacancy = VacancyKind::kWaiting;
    view.what = absl::StrCat("pool ", HeldBy(pool), " to be gone");
  } else {
    return;
  }
  if (waits == 0) waits = shutdown_;
  const Operation* operation = world_.operations.Find(waits);
  view.since = operation == nullptr ? last_turn_ : operation->created;
  waiting->push_back(std::move(view));
}

}  // namespace drover::core
