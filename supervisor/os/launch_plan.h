// How the processes of one generation are started.
#ifndef SUPERVISOR_OS_LAUNCH_PLAN_H_
#define SUPERVISOR_OS_LAUNCH_PLAN_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "drover/config/v1/config.pb.h"
#include "drover/worker/v1/worker.pb.h"
#include "supervisor/os/environment.h"
#include "supervisor/os/limits.h"
#include "supervisor/os/listener.h"
#include "supervisor/os/spawn.h"

namespace drover::os {

// The descriptors of one process; all borrowed.
struct StandardFds {
  int channel = -1;
  int null_device = -1;
  int standard_output = -1;
  int standard_error = -1;
};

// Everything that is looked up for a generation is looked up once, when it is
// made: program, directory, environment file, user. A link that is turned or a
// file that is written later is the next generation's. Immutable.
class LaunchPlan {
 public:
  // What the generation is made from, beside its spec.
  struct Surroundings {
    Environment own_environment;
    // What children get where the pool says nothing (limits.h).
    std::optional<Limit> open_files;
  };

  // `listeners` are those of the spec, in its order.
  static std::variant<std::shared_ptr<const LaunchPlan>, SpawnError> Make(
      const config::v1::Pool& spec, std::vector<NamedListener> listeners,
      const Surroundings& surroundings);

  // Written down, with the index of each listener, and made of what was: what
  // was looked up once is not looked up again.
  void Write(const std::function<uint32_t(const Listener*)>& index,
             state::v1::LaunchPlan* to, FdLedger* fds) const;
  static std::shared_ptr<const LaunchPlan> Read(
      const state::v1::LaunchPlan& from,
      const std::vector<std::shared_ptr<Listener>>& listeners, FdIntake* fds);

  // Starts one process.
  std::variant<SpawnedChild, SpawnError> Launch(const core::Identity& worker,
                                                const StandardFds& fds) const;

  // Adds the listeners under the numbers that the workers find them under.
  void FillIn(worker::v1::Welcome* welcome) const;

  const std::vector<NamedListener>& listeners() const { return listeners_; }
  size_t line_max_bytes() const { return line_max_bytes_; }

 private:
  LaunchPlan(const config::v1::Pool& spec,
             std::vector<NamedListener> listeners);
  LaunchPlan(const state::v1::LaunchPlan& from,
             std::vector<NamedListener> listeners, FdIntake* fds);

  void PointAtArguments();

  // Each returns what failed.
  std::optional<SpawnError> OpenDirectory(const std::string& directory);
  std::optional<SpawnError> FindCredentials(const config::v1::Pool& spec);
  std::optional<SpawnError> MakeEnvironment(const config::v1::Pool& spec,
                                            const Environment& own);
  std::optional<SpawnError> FindProgram(const std::string& program);

  std::string path_;
  // The real one; empty = the supervisor's.
  std::string directory_;
  // Points into `arguments_`; ends with a null pointer.
  std::vector<const char*> argv_;
  std::vector<std::string> arguments_;
  std::optional<EnvironmentTemplate> environment_;
  std::string search_path_;
  UniqueFd directory_fd_;
  std::optional<Credentials> credentials_;
  mode_t umask_;
  std::vector<Limit> limits_;
  int control_fd_ = 3;
  std::vector<NamedListener> listeners_;
  // Of each listener.
  std::vector<int> listener_numbers_;
  size_t line_max_bytes_ = 8192;
};

// Numbers for `count` listeners: from 4 up, without the control descriptor's.
std::vector<int> ListenerNumbers(size_t count, int control_fd);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_LAUNCH_PLAN_H_
