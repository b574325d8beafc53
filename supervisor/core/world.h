// What all pools share, and one call into the core.
#ifndef SUPERVISOR_CORE_WORLD_H_
#define SUPERVISOR_CORE_WORLD_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "supervisor/core/effect.h"
#include "supervisor/core/failure.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/operation.h"
#include "supervisor/core/random.h"
#include "supervisor/core/start_queue.h"
#include "supervisor/core/timers.h"
#include "supervisor/core/worker.h"

namespace drover::core {

// Every process that is not known to have ended. In their order, since those
// that were started one after the other are heard from one after the other, and
// what is near is in the cache already.
using Workers = absl::btree_map<Incarnation, std::unique_ptr<Worker>>;

// Exit codes of the supervisor (docs/cli.md).
inline constexpr int kExitOk = 0;
inline constexpr int kExitStartFailed = 1;
inline constexpr int kExitPolicy = 3;
inline constexpr int kExitForced = 4;
inline constexpr int kExitEssential = 5;

// A pool's policy wants everything to end.
struct ShutdownWish {
  Failure why;
  int exit_code = kExitPolicy;
};

struct World {
  World(std::string version_text, uint32_t max_parallel_starts, uint64_t seed)
      : version(std::move(version_text)),
        starts(max_parallel_starts),
        random(seed) {}

  std::string version;
  // Before the workers, whose timers are in it.
  Timers timers;
  Workers workers;
  OperationLog operations;
  StartQueue starts;
  Random random;
  Incarnation last_incarnation = 0;
  // Acted upon at the turn's end.
  std::optional<ShutdownWish> shutdown_wanted;
};

// One call into the core: when it happens, and where its effects go.
struct Turn {
  World& world;
  absl::Time now;
  Effects* effects;

  Worker::Context context() const { return {now, effects, world.version}; }

  template <typename T>
  void Emit(T effect) const {
    effects->push_back(std::move(effect));
  }

  // nullptr for 0 and for processes that are gone.
  Worker* Find(Incarnation incarnation) const {
    auto it = world.workers.find(incarnation);
    return it == world.workers.end() ? nullptr : it->second.get();
  }

  // To be called after anything that may have moved the worker's deadline.
  void SyncTimer(Worker& worker) const {
    world.timers.Set(worker.timer(), worker.state() == WorkerState::kEnded
                                         ? absl::InfiniteFuture()
                                         : worker.deadline());
  }
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_WORLD_H_
