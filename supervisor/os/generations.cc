#include "supervisor/os/generations.h"

#include <algorithm>
#include <cerrno>

namespace drover::os {

absl::StatusOr<Generations::Prepared> Generations::Prepare(
    const std::vector<const config::v1::Pool*>& specs) {
  Prepared prepared;
  for (const config::v1::Pool* spec : specs) {
    auto listeners = open_.Take(*spec);
    if (!listeners.ok()) return listeners.status();
    prepared[spec->name()] = *std::move(listeners);
  }
  return prepared;
}

void Generations::Commit(Prepared prepared) {
  for (auto& [pool, listeners] : prepared) {
    // Those of the former spec stay as well: it may be returned to.
    std::vector<NamedListener>& held = held_[pool];
    listeners.insert(listeners.end(), held.begin(), held.end());
    held = std::move(listeners);
  }
}

std::shared_ptr<const LaunchPlan> Generations::Find(
    const core::Identity& worker) const {
  auto found = plans_.find({worker.pool, worker.generation});
  return found == plans_.end() ? nullptr : found->second;
}

std::variant<std::shared_ptr<const LaunchPlan>, SpawnError> Generations::Make(
    const core::Identity& worker, const config::v1::Pool& spec) {
  auto listeners = open_.Take(spec);
  if (!listeners.ok()) {
    return SpawnError{std::string(listeners.status().message()), EADDRINUSE};
  }
  auto made = LaunchPlan::Make(spec, *std::move(listeners), surroundings_);
  if (auto* plan = std::get_if<std::shared_ptr<const LaunchPlan>>(&made)) {
    plans_[{worker.pool, worker.generation}] = *plan;
  }
  return made;
}

void Generations::Retire(const std::string& pool, core::Generation generation) {
  plans_.erase({pool, generation});
}

void Generations::RetirePool(const std::string& pool) {
  std::erase_if(plans_,
                [&pool](const auto& plan) { return plan.first.first == pool; });
}

void Generations::KeepOnly(const std::string& pool,
                           const config::v1::Pool* spec) {
  auto held = held_.find(pool);
  if (held == held_.end()) return;
  std::vector<NamedListener> kept;
  if (spec != nullptr) {
    // Those that are named are open already, at the latest by Commit().
    auto listeners = open_.Take(*spec);
    if (listeners.ok()) kept = *std::move(listeners);
  }
  if (kept.empty()) {
    held_.erase(held);
  } else {
    held->second = std::move(kept);
  }
}

std::vector<NamedListener> Generations::Listeners(
    absl::string_view pool) const {
  std::vector<NamedListener> listeners;
  auto held = held_.find(pool);
  if (held == held_.end()) return listeners;
  for (const NamedListener& listener : held->second) {
    bool named_again = std::any_of(
        listeners.begin(), listeners.end(),
        [&listener](const auto& one) { return one.name == listener.name; });
    if (!named_again) listeners.push_back(listener);
  }
  return listeners;
}

}  // namespace drover::os
