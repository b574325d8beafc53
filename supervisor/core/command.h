// What people and programs ask of the core. Each becomes an operation or is
// refused as a whole; see Supervisor::Submit.
#ifndef SUPERVISOR_CORE_COMMAND_H_
#define SUPERVISOR_CORE_COMMAND_H_

#include <cstdint>
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

struct Shutdown {
  // Without drain: SIGKILL at once. Also turns a running graceful one hard.
  bool hard = false;
};

using Command = std::variant<Apply, Scale, Reload, RestartWorker, StopPool,
                             StartPool, Shutdown>;

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_COMMAND_H_
