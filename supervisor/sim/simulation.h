// One run: a core, a fake shell and its processes, people who command,
// troubles, and checkers that watch. The seed decides everything.
#ifndef SUPERVISOR_SIM_SIMULATION_H_
#define SUPERVISOR_SIM_SIMULATION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "supervisor/core/supervisor.h"
#include "supervisor/sim/agenda.h"
#include "supervisor/sim/checker.h"
#include "supervisor/sim/fake_shell.h"
#include "supervisor/sim/host.h"
#include "supervisor/sim/operator.h"
#include "supervisor/sim/trouble.h"

namespace drover::sim {

struct RunOptions {
  uint64_t seed = 1;
  // Events and commands that the core is given under troubles; then they cease,
  // and all has to come to rest.
  uint64_t steps = 2000;
  // Hears one line for each thing that happens.
  std::function<void(const std::string&)> log;
};

struct Result {
  std::optional<Violation> violation;
  Tally tally;
  uint64_t steps = 0;
  // How many supervisors came to their end in it.
  uint64_t lives = 0;
  // How much time passed in it.
  absl::Duration time;
};

Result Run(const RunOptions& options);

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_SIMULATION_H_
