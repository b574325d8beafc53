#include "supervisor/control/answers.h"

#include <utility>

namespace drover::control {

Clock ClockOf(const Backend& backend) {
  return {backend.Now(),
          [&backend](absl::Time instant) { return backend.ToWall(instant); }};
}

admin::v1::SupervisorInfo Info(const Backend& backend) {
  admin::v1::SupervisorInfo info;
  info.set_version(backend.version());
  info.set_pid(backend.pid());
  info.mutable_start_time()->set_seconds(
      absl::ToUnixSeconds(backend.start_time()));
  info.set_config_file(backend.config_file());
  info.set_shutting_down(backend.core().shutting_down());
  info.set_session(backend.session());
  info.set_gateway_restarts(backend.gateway_restarts());
  return info;
}

std::vector<admin::v1::Pool> AllPools(const Backend& backend,
                                      absl::string_view pool) {
  std::vector<admin::v1::Pool> pools;
  for (const core::PoolView& view : backend.core().Pools()) {
    if (!pool.empty() && view.name != pool) continue;
    pools.push_back(
        ToMessage(view, backend.Listeners(view.name), ClockOf(backend)));
  }
  return pools;
}

std::vector<admin::v1::Worker> AllWorkers(const Backend& backend,
                                          absl::string_view pool) {
  const Clock clock = ClockOf(backend);
  std::vector<admin::v1::Worker> workers;
  for (const core::PoolView& view : backend.core().Pools()) {
    if (!pool.empty() && view.name != pool) continue;
    for (const core::WorkerView& worker : backend.core().Workers(view.name)) {
      workers.push_back(ToMessage(worker, clock));
    }
  }
  return workers;
}

std::vector<admin::v1::Operation> AllOperations(const Backend& backend,
                                                absl::string_view pool,
                                                bool running_only) {
  std::vector<admin::v1::Operation> running;
  std::vector<admin::v1::Operation> ended;
  for (const core::OperationView& view : backend.core().Operations()) {
    if (!pool.empty() && view.pool != pool) continue;
    auto& list = core::IsFinal(view.state) ? ended : running;
    list.push_back(ToMessage(view, ClockOf(backend)));
  }
  if (!running_only) {
    running.insert(running.end(), std::make_move_iterator(ended.begin()),
                   std::make_move_iterator(ended.end()));
  }
  return running;
}

admin::v1::Snapshot SnapshotWithoutWorkers(const Backend& backend,
                                           absl::string_view pool) {
  admin::v1::Snapshot snapshot;
  *snapshot.mutable_supervisor() = Info(backend);
  for (admin::v1::Pool& message : AllPools(backend, pool)) {
    *snapshot.add_pools() = std::move(message);
  }
  for (admin::v1::Operation& message :
       AllOperations(backend, pool, /*running_only=*/true)) {
    *snapshot.add_operations() = std::move(message);
  }
  return snapshot;
}

control::v1::Health HealthOf(const Backend& backend) {
  control::v1::Health health;
  bool all = !backend.core().shutting_down();
  for (const core::PoolHealth& pool : backend.core().Health()) {
    all = all && pool.serving;
    control::v1::Health::Entry* entry = health.add_entries();
    entry->set_service(pool.name);
    entry->set_serving(pool.serving);
  }
  control::v1::Health::Entry* entry = health.add_entries();
  entry->set_serving(all);
  return health;
}

}  // namespace drover::control
