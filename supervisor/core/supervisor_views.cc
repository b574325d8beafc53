// The core as others may read it.
#include <algorithm>
#include <utility>

#include "supervisor/core/supervisor_impl.h"

namespace drover::core {
namespace {

constexpr size_t kWaitingMax = 16;

}  // namespace

std::vector<PoolView> Supervisor::Impl::Pools() const {
  std::vector<PoolView> views;
  views.reserve(pools_.size());
  for (const auto& [id, pool] : pools_) {
    views.push_back(pool.View(world_.workers));
  }
  return views;
}

std::vector<PoolHealth> Supervisor::Impl::Health() const {
  std::vector<PoolHealth> health;
  for (const auto& [id, pool] : pools_) {
    health.push_back({pool.name(), pool.Serves(world_.workers)});
  }
  return health;
}

std::optional<WorkerView> Supervisor::Impl::FindIncarnation(
    Incarnation incarnation) const {
  auto it = world_.workers.find(incarnation);
  if (it == world_.workers.end()) return std::nullopt;
  const Identity& id = it->second->identity();
  const Pool* pool = Find(id.pool);
  if (pool == nullptr) return std::nullopt;
  return pool->IncarnationView(id, world_.workers);
}

void Supervisor::Impl::AppendWaiting(const Pool& pool,
                                     const Operation& operation,
                                     std::vector<WaitingView>* waiting) const {
  auto append = [&](OperationId id) {
    for (WaitingView& view : pool.Waiting(world_.workers, id)) {
      waiting->push_back(std::move(view));
    }
    AppendOrder(pool, waiting);
  };
  if (operation.id == shutdown_) {
    append(0);
    return;
  }
  std::vector<OperationId> family = operation.children;
  family.push_back(operation.id);
  for (OperationId id : family) {
    if (pool.Runs(id)) append(id);
  }
}

OperationView Supervisor::Impl::View(const Operation& operation) const {
  OperationView view{.id = operation.id,
                     .kind = operation.kind,
                     .state = operation.state,
                     .pool = operation.pool,
                     .plan = operation.plan,
                     .caller = operation.caller,
                     .created = operation.created,
                     .ended = operation.ended,
                     .done = operation.done,
                     .total = operation.total,
                     .waiting = {},
                     .waiting_more = 0,
                     .failure = operation.failure,
                     .children = operation.children,
                     .parent = operation.parent};
  if (IsFinal(operation.state)) return view;
  for (const auto& [id, pool] : pools_) {
    AppendWaiting(pool, operation, &view.waiting);
  }
  std::stable_sort(view.waiting.begin(), view.waiting.end(),
                   [](const WaitingView& a, const WaitingView& b) {
                     return a.since < b.since;
                   });
  if (view.waiting.size() > kWaitingMax) {
    view.waiting_more =
        static_cast<uint32_t>(view.waiting.size() - kWaitingMax);
    view.waiting.resize(kWaitingMax);
  }
  return view;
}

}  // namespace drover::core
