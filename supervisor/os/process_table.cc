#include "supervisor/os/process_table.h"

#include <fcntl.h>

#include <asio/post.hpp>
#include <cerrno>

#include "supervisor/base/log.h"
#include "supervisor/os/fd_pair.h"

namespace drover::os {

ProcessTable::ProcessTable(asio::io_context& io, Children& children,
                           Callbacks callbacks)
    : io_(io),
      children_(children),
      callbacks_(std::move(callbacks)),
      null_device_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

void ProcessTable::Start(const core::Identity& worker,
                         std::shared_ptr<const LaunchPlan> plan) {
  std::optional<SpawnError> error = TryStart(worker, std::move(plan));
  if (error) {
    DROVER_LOG(kOs, worker.pool, "/", worker.slot, ": ", error->step,
               " failed: errno ", error->error_number);
    callbacks_.event(worker,
                     core::SpawnFailed{.incarnation = worker.incarnation,
                                       .step = error->step,
                                       .error_number = error->error_number,
                                       .object = error->object});
    return;
  }
  pid_t pid = Find(worker.incarnation)->pid();
  DROVER_LOG(kOs, worker.pool, "/", worker.slot, ": incarnation ",
             worker.incarnation, " is pid ", pid);
  callbacks_.event(
      worker, core::Spawned{.incarnation = worker.incarnation, .pid = pid});
}

std::optional<SpawnError> ProcessTable::TryStart(
    const core::Identity& worker, std::shared_ptr<const LaunchPlan> plan) {
  if (!null_device_.ok()) return SpawnError{"open /dev/null", ENOENT};
  std::optional<FdPair> channel = MakeSocketPair();
  if (!channel) return SpawnError{"socketpair", errno};
  std::optional<FdPair> standard_output = MakeOutputPair();
  if (!standard_output) return SpawnError{"pipe", errno};
  std::optional<FdPair> standard_error = MakeOutputPair();
  if (!standard_error) return SpawnError{"pipe", errno};
  auto launched =
      plan->Launch(worker, {.channel = channel->theirs.get(),
                            .null_device = null_device_.get(),
                            .standard_output = standard_output->theirs.get(),
                            .standard_error = standard_error->theirs.get()});
  if (auto* error = std::get_if<SpawnError>(&launched)) return *error;
  Add(worker, std::move(plan), std::get<SpawnedChild>(std::move(launched)),
      {.channel = std::move(channel->ours),
       .standard_output = std::move(standard_output->ours),
       .standard_error = std::move(standard_error->ours)});
  return std::nullopt;
}

void ProcessTable::Add(const core::Identity& worker,
                       std::shared_ptr<const LaunchPlan> plan,
                       SpawnedChild child, Process::Pipes pipes) {
  auto process = std::make_unique<Process>(
      io_, children_, worker, std::move(plan), std::move(child),
      std::move(pipes),
      Process::Callbacks{
          .event = [this](
                       const core::Identity& who,
                       core::Event event) { OnEvent(who, std::move(event)); },
          .line =
              [this](const core::Identity& who, output::Stream stream,
                     absl::string_view line) {
                callbacks_.line(who, stream, line);
              }});
  processes_[worker.incarnation] = std::move(process);
}

void ProcessTable::OnEvent(const core::Identity& worker, core::Event event) {
  if (std::holds_alternative<core::Exited>(event)) Remove(worker.incarnation);
  callbacks_.event(worker, std::move(event));
}

void ProcessTable::Remove(core::Incarnation incarnation) {
  auto found = processes_.find(incarnation);
  if (found == processes_.end()) return;
  groups_.Add(found->second->pid());
  // It is the caller: destroyed when it has returned to the loop.
  asio::post(io_, [gone = std::move(found->second)] {});
  processes_.erase(found);
}

Process* ProcessTable::Find(core::Incarnation incarnation) {
  auto found = processes_.find(incarnation);
  return found == processes_.end() ? nullptr : found->second.get();
}

Process* ProcessTable::FindPid(pid_t pid) {
  for (const auto& [incarnation, process] : processes_) {
    if (process->pid() == pid) return process.get();
  }
  return nullptr;
}

void ProcessTable::ReadNow() {
  // Events may start and end processes meanwhile.
  std::vector<core::Incarnation> all;
  for (const auto& [incarnation, process] : processes_) {
    all.push_back(incarnation);
  }
  for (core::Incarnation incarnation : all) {
    if (Process* process = Find(incarnation)) process->ReadNow();
  }
}

}  // namespace drover::os
