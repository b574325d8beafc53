#include "supervisor/control/answers.h"

#include <iterator>
#include <utility>

#include "supervisor/control/limits.h"

namespace drover::control {

Clock ClockOf(const Backend& backend) {
  return {backend.Now(),
          [&backend](absl::Time instant) { return backend.ToWall(instant); }};
}

admin::v1::SupervisorInfo Info(const Backend& backend) {
  admin::v1::SupervisorInfo info;
  info.set_version(backend.version());
  info.set_pid(backend.pid());
  Fill(backend.start_time(), info.mutable_start_time());
  info.set_config_file(backend.config_file());
  info.set_shutting_down(backend.core().shutting_down());
  info.set_session(backend.session());
  info.set_gateway_restarts(backend.gateway_restarts());
  if (const auto* predecessor = backend.predecessor()) {
    *info.mutable_predecessor() = *predecessor;
  }
  info.set_upgrades(backend.upgrades());
  if (const admin::v1::Upgrade* last = backend.last_upgrade()) {
    *info.mutable_last_upgrade() = *last;
  }
  return info;
}

std::vector<std::string> PoolNames(const Backend& backend,
                                   absl::string_view pool) {
  std::vector<std::string> names;
  for (const core::PoolView& view : backend.core().Pools()) {
    if (pool.empty() || view.name == pool) names.push_back(view.name);
  }
  return names;
}

std::vector<admin::v1::Pool> AllPools(const Backend& backend,
                                      absl::string_view pool) {
  const Clock clock = ClockOf(backend);
  std::vector<admin::v1::Pool> pools;
  size_t bytes = 0;
  for (const core::PoolView& view : backend.core().Pools()) {
    if (!pool.empty() && view.name != pool) continue;
    pools.push_back(ToMessage(view, backend.Listeners(view.name), clock));
    AbridgeFailure(&pools.back());
    bytes += pools.back().ByteSizeLong();
    if (bytes <= kPartBytes) continue;
    bytes -= pools.back().ByteSizeLong();
    pools.back().clear_spec();
    bytes += pools.back().ByteSizeLong();
  }
  return pools;
}

admin::v1::Worker ListedWorker(const core::WorkerView& view,
                               const Clock& clock) {
  admin::v1::Worker worker = ToMessage(view, clock);
  Abridge(&worker);
  return worker;
}

std::vector<admin::v1::Worker> AllWorkers(const Backend& backend,
                                          absl::string_view pool) {
  const Clock clock = ClockOf(backend);
  std::vector<admin::v1::Worker> workers;
  for (const std::string& name : PoolNames(backend, pool)) {
    for (const core::WorkerView& view : backend.core().Workers(name)) {
      workers.push_back(ListedWorker(view, clock));
    }
  }
  return workers;
}

std::vector<admin::v1::Operation> AllOperations(const Backend& backend,
                                                absl::string_view pool,
                                                bool running_only) {
  const Clock clock = ClockOf(backend);
  std::vector<admin::v1::Operation> running;
  std::vector<admin::v1::Operation> ended;
  for (const core::OperationView& view : backend.core().Operations()) {
    const bool final = core::IsFinal(view.state);
    if ((!pool.empty() && view.pool != pool) || (final && running_only)) {
      continue;
    }
    auto& list = final ? ended : running;
    list.push_back(ToMessage(view, clock));
    AbridgeFailure(&list.back());
  }
  running.insert(running.end(), std::make_move_iterator(ended.begin()),
                 std::make_move_iterator(ended.end()));
  return running;
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
