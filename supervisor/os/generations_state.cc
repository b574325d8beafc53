// What generations pin, written down for another program and taken over from
// one.
#include <memory>
#include <utility>
#include <vector>

#include "supervisor/os/generations.h"
#include "supervisor/os/launch_plan.h"

namespace drover::os {
namespace {

using ListenerIndex = std::function<uint32_t(const Listener*)>;

void WriteNamed(
    const std::vector<NamedListener>& listeners, const ListenerIndex& index,
    google::protobuf::RepeatedPtrField<state::v1::NamedListener>* to) {
  for (const NamedListener& listener : listeners) {
    state::v1::NamedListener* written = to->Add();
    written->set_name(listener.name);
    written->set_listener(index(listener.socket.get()));
  }
}

std::vector<NamedListener> ReadNamed(
    const google::protobuf::RepeatedPtrField<state::v1::NamedListener>& from,
    const std::vector<std::shared_ptr<Listener>>& listeners) {
  std::vector<NamedListener> named;
  for (const state::v1::NamedListener& one : from) {
    named.push_back({one.name(), listeners[one.listener()]});
  }
  return named;
}

void WriteLimit(const Limit& from, state::v1::Limit* to) {
  to->set_resource(from.resource);
  to->set_soft(from.value.rlim_cur);
  to->set_hard(from.value.rlim_max);
}

Limit ReadLimit(const state::v1::Limit& from) {
  return {.resource = from.resource(),
          .value = {.rlim_cur = from.soft(), .rlim_max = from.hard()}};
}

void WriteCredentials(const Credentials& from, state::v1::Credentials* to) {
  to->set_uid(from.uid);
  to->set_gid(from.gid);
  to->mutable_groups()->Assign(from.groups.begin(), from.groups.end());
  to->set_user_name(from.user_name);
  to->set_home(from.home);
}

Credentials ReadCredentials(const state::v1::Credentials& from) {
  return {.uid = from.uid(),
          .gid = from.gid(),
          .groups = {from.groups().begin(), from.groups().end()},
          .user_name = from.user_name(),
          .home = from.home()};
}

}  // namespace

void LaunchPlan::Write(const ListenerIndex& index, state::v1::LaunchPlan* to,
                       FdLedger* fds) const {
  to->set_path(path_);
  to->set_directory(directory_);
  to->mutable_arguments()->Assign(arguments_.begin(), arguments_.end());
  environment_->Write(to);
  to->set_search_path(search_path_);
  to->set_directory_fd(fds->Carry(directory_fd_.get()));
  if (credentials_) {
    WriteCredentials(*credentials_, to->mutable_credentials());
  }
  to->set_umask(umask_);
  for (const Limit& limit : limits_) WriteLimit(limit, to->add_limits());
  to->set_control_fd(control_fd_);
  WriteNamed(listeners_, index, to->mutable_listeners());
  to->set_line_max_bytes(line_max_bytes_);
}

LaunchPlan::LaunchPlan(const state::v1::LaunchPlan& from,
                       std::vector<NamedListener> listeners, FdIntake* fds)
    : path_(from.path()),
      directory_(from.directory()),
      arguments_(from.arguments().begin(), from.arguments().end()),
      environment_(from),
      search_path_(from.search_path()),
      directory_fd_(fds->Take(from.directory_fd())),
      umask_(from.umask()),
      control_fd_(from.control_fd()),
      listeners_(std::move(listeners)),
      listener_numbers_(ListenerNumbers(listeners_.size(), control_fd_)),
      line_max_bytes_(from.line_max_bytes()) {
  if (from.has_credentials())
    credentials_ = ReadCredentials(from.credentials());
  for (const state::v1::Limit& limit : from.limits()) {
    limits_.push_back(ReadLimit(limit));
  }
  PointAtArguments();
}

std::shared_ptr<const LaunchPlan> LaunchPlan::Read(
    const state::v1::LaunchPlan& from,
    const std::vector<std::shared_ptr<Listener>>& listeners, FdIntake* fds) {
  return std::shared_ptr<const LaunchPlan>(
      new LaunchPlan(from, ReadNamed(from.listeners(), listeners), fds));
}

std::map<const LaunchPlan*, uint32_t> Generations::Write(
    const std::vector<std::shared_ptr<const LaunchPlan>>& used,
    state::v1::Shell* to, FdLedger* fds) const {
  open_.Write(to, fds);
  const std::vector<std::shared_ptr<Listener>> open = open_.Open();
  const ListenerIndex index = [&open](const Listener* listener) {
    uint32_t at = 0;
    while (at < open.size() && open[at].get() != listener) ++at;
    return at;
  };
  for (const auto& [pool, listeners] : held_) {
    state::v1::HeldListeners* held = to->add_held();
    held->set_pool(pool);
    WriteNamed(listeners, index, held->mutable_listeners());
  }
  std::map<const LaunchPlan*, uint32_t> indices;
  auto write = [&](const LaunchPlan* plan) {
    auto [known, is_new] =
        indices.emplace(plan, static_cast<uint32_t>(indices.size()));
    if (is_new) plan->Write(index, to->add_plans(), fds);
    return known->second;
  };
  for (const auto& [generation, plan] : plans_) {
    state::v1::GenerationPlan* written = to->add_generations();
    written->set_pool(generation.first);
    written->set_generation(generation.second);
    written->set_plan(write(plan.get()));
  }
  for (const auto& plan : used) write(plan.get());
  if (surroundings_.open_files) {
    WriteLimit(*surroundings_.open_files, to->mutable_open_files());
  }
  return indices;
}

std::vector<std::shared_ptr<const LaunchPlan>> Generations::Read(
    const state::v1::Shell& from, FdIntake* fds) {
  const std::vector<std::shared_ptr<Listener>> listeners =
      open_.Read(from, fds);
  for (const state::v1::HeldListeners& held : from.held()) {
    held_[held.pool()] = ReadNamed(held.listeners(), listeners);
  }
  std::vector<std::shared_ptr<const LaunchPlan>> plans;
  for (const state::v1::LaunchPlan& plan : from.plans()) {
    plans.push_back(LaunchPlan::Read(plan, listeners, fds));
  }
  for (const state::v1::GenerationPlan& one : from.generations()) {
    plans_[{one.pool(), one.generation()}] = plans[one.plan()];
  }
  if (from.has_open_files()) {
    surroundings_.open_files = ReadLimit(from.open_files());
  }
  return plans;
}

}  // namespace drover::os
