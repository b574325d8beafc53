// The processes that run, by incarnation.
#ifndef SUPERVISOR_OS_PROCESS_TABLE_H_
#define SUPERVISOR_OS_PROCESS_TABLE_H_

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "supervisor/core/event.h"
#include "supervisor/os/ended_groups.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/process.h"

namespace drover::os {

// Starts processes, keeps them until their end, and kills what is left when it
// goes. Not thread-safe.
class ProcessTable {
 public:
  struct Callbacks {
    // Of all processes. The one that Exited is about is not in the table any
    // more.
    std::function<void(const core::Identity&, core::Event)> event;
    std::function<void(const core::Identity&, output::Stream,
                       absl::string_view)>
        line;
  };

  ProcessTable(asio::io_context& io, Children& children, Callbacks callbacks);

  // Says Spawned or SpawnFailed before it returns.
  void Start(const core::Identity& worker,
             std::shared_ptr<const LaunchPlan> plan);

  // Null if it is not (any more) there.
  Process* Find(core::Incarnation incarnation);

  Process* FindPid(pid_t pid);

  // Of those that have ended, nothing is left: no member of their groups.
  bool GroupsAreGone() { return groups_.AreGone(); }

  // Process::ReadNow of each.
  void ReadNow();

  size_t size() const { return processes_.size(); }

  // All plans that are used, and all processes; each plan's index is asked for.
  std::vector<std::shared_ptr<const LaunchPlan>> Plans() const;
  void Write(const std::function<uint32_t(const LaunchPlan*)>& index,
             state::v1::Shell* to, FdLedger* fds);
  // Into an empty table. Says Spawned of none: the core knows them.
  void Read(const state::v1::Shell& from,
            const std::vector<std::shared_ptr<const LaunchPlan>>& plans,
            FdIntake* fds);

 private:
  // Makes the pipes and the process; says what failed.
  std::optional<SpawnError> TryStart(const core::Identity& worker,
                                     std::shared_ptr<const LaunchPlan> plan);
  void Add(const core::Identity& worker, std::shared_ptr<const LaunchPlan> plan,
           SpawnedChild child, Process::Pipes pipes);
  void OnEvent(const core::Identity& worker, core::Event event);
  void Remove(core::Incarnation incarnation);

  asio::io_context& io_;
  Children& children_;
  Callbacks callbacks_;
  UniqueFd null_device_;
  EndedGroups groups_;
  absl::flat_hash_map<core::Incarnation, std::unique_ptr<Process>> processes_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_PROCESS_TABLE_H_
