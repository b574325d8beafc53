// What is held for the generations of pools: launch plans and listeners.
#ifndef SUPERVISOR_OS_GENERATIONS_H_
#define SUPERVISOR_OS_GENERATIONS_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/ids.h"
#include "supervisor/os/launch_plan.h"
#include "supervisor/os/listener_set.h"

namespace drover::os {

// A listener is open from the moment its spec is accepted until no generation
// has a plan with it and the spec in force does not name it: longer than any
// worker, and also while none runs. Not thread-safe.
class Generations {
 public:
  // Listeners of each pool that were opened and are not in force yet. They are
  // closed again with it, unless it is committed.
  using Prepared =
      std::map<std::string, std::vector<NamedListener>, std::less<>>;

  // `sockets` is borrowed.
  Generations(LaunchPlan::Surroundings surroundings, SocketStore& sockets)
      : surroundings_(std::move(surroundings)), open_(sockets) {}

  // Opens the listeners of all these specs, or fails and has changed nothing.
  absl::StatusOr<Prepared> Prepare(
      const std::vector<const config::v1::Pool*>& specs);

  // The specs were accepted.
  void Commit(Prepared prepared);

  // The plan of the worker's generation; null if it is not made yet.
  std::shared_ptr<const LaunchPlan> Find(const core::Identity& worker) const;

  // Makes it. One that cannot be made is tried again for the next worker.
  std::variant<std::shared_ptr<const LaunchPlan>, SpawnError> Make(
      const core::Identity& worker, const config::v1::Pool& spec);

  void Retire(const std::string& pool, core::Generation generation);
  void RetirePool(const std::string& pool);

  // Lets go of what this spec, the only one in force for the pool, does not
  // name; of everything if it is null (the pool is gone).
  void KeepOnly(const std::string& pool, const config::v1::Pool* spec);

  // Of the spec that was accepted last. Empty if there is no such pool.
  std::vector<NamedListener> Listeners(absl::string_view pool) const;

  // Written down with all plans, those that only a process in `used` still uses
  // among them; returns each plan's index.
  std::map<const LaunchPlan*, uint32_t> Write(
      const std::vector<std::shared_ptr<const LaunchPlan>>& used,
      state::v1::Shell* to, FdLedger* fds) const;
  // Into an empty one; returns all plans, by index.
  std::vector<std::shared_ptr<const LaunchPlan>> Read(
      const state::v1::Shell& from, FdIntake* fds);

  const std::optional<Limit>& open_files() const {
    return surroundings_.open_files;
  }

 private:
  LaunchPlan::Surroundings surroundings_;
  ListenerSet open_;
  Prepared held_;
  std::map<std::pair<std::string, core::Generation>,
           std::shared_ptr<const LaunchPlan>>
      plans_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_GENERATIONS_H_
