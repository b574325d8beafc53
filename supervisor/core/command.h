// What people and programs ask of the core. Each becomes an operation or is
// refused as a whole; see Supervisor::Submit.
#ifndef SUPERVISOR_CORE_COMMAND_H_
#define SUPERVISOR_CORE_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "drover/config/v1/config.pb.h"
#include "supervisor/core/ids.h"

namespace drover::core {

// What becomes of one pool in an Apply.
enum class PoolChangeKind { kAdd, kRemove, kScale, kReload, kUpdate };

struct PoolChange {
  PoolChangeKind kind = PoolChangeKind::kAdd;
  // Normalized and validated; only the name counts for kRemove.
  config::v1::Pool spec;
};

// Pools that are not named stay as they are.
struct Apply {
  std::vector<PoolChange> changes;
  // The supervisor's first: if it fails, everything is taken down and the core
  // finishes with exit code 1.
  bool initial = false;
};

struct Scale {
  std::string pool;
  uint32_t count = 0;
};

struct Reload {
  std::string pool;
  // Whether the workers are sent Reload instead of being replaced; nullopt = as
  // the pool is configured.
  std::optional<bool> in_place = std::nullopt;
};

struct RestartWorker {
  std::string pool;
  uint32_t slot = 0;
};

struct StopPool {
  std::string pool;
};

struct StartPool {
  std::string pool;
};

// How long a shutdown waits for work in flight.
enum class Urgency {
  kGraceful,  // lame duck, drain, in the order of the pools
  kFast,      // Quit at once: what can be finished by its deadline
  kHard,      // SIGKILL at once
};

struct Shutdown {
  // Also makes a running shutdown more urgent, never less.
  Urgency urgency = Urgency::kGraceful;
};

using Command = std::variant<Apply, Scale, Reload, RestartWorker, StopPool,
                             StartPool, Shutdown>;

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_COMMAND_H_
