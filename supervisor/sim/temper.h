// How a fake worker is: what it can do, how fast, and what will befall it.
#ifndef SUPERVISOR_SIM_TEMPER_H_
#define SUPERVISOR_SIM_TEMPER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/sim/chance.h"
#include "supervisor/sim/trouble.h"

namespace drover::sim {

// The moments of a worker's life at which trouble may come.
enum class Occasion {
  kSpawned,
  kWelcomed,
  kToldToStart,
  kStarted,
  kToldToStop,
  kStopped,
  kToldToQuit,
  kPinged,
  kToldToReload,
  kSignalled,
};
inline constexpr uint64_t kOccasionCount = 10;

struct Temper {
  std::vector<uint32_t> capabilities;
  // Most of what it does takes at most so long; starts and drains take longer.
  absl::Duration pace;
  absl::Duration start_time;
  absl::Duration drain_time;
  // Reports INITIALIZED, STARTING, STOPPING and SHUTTING_DOWN too.
  bool talkative = false;
  // Drains on SIGTERM; otherwise dies of it.
  bool minds_term = true;
  // Asks for more time where it takes longer than it has.
  bool extends = false;
  // Says something of its own accord, so often.
  absl::Duration chatter;
  std::optional<Trouble> trouble;
  Occasion occasion = Occasion::kSpawned;
  // From the occasion to the trouble.
  absl::Duration delay;
};

// The command of a generation whose workers never start.
inline constexpr char kBadCommand[] = "bad";

// `trouble`: the probability of one.
Temper DrawTemper(const config::v1::Pool& spec, double trouble, Chance& chance);

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_TEMPER_H_
