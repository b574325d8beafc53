// What the core tells the world about itself: the raw material of events,
// status lines and embedding callbacks.
#ifndef SUPERVISOR_CORE_NOTICE_H_
#define SUPERVISOR_CORE_NOTICE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "supervisor/core/failure.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/state.h"

namespace drover::core {

struct WorkerChanged {
  Identity worker;
  // Equal to `state` for a process that is new.
  WorkerState former = WorkerState::kSpawned;
  WorkerState state = WorkerState::kSpawned;
  int32_t pid = 0;
  // Why, where there is a cause: "scale down".
  std::string text;
};

// Exactly once for each process, and for each one that could not be made.
struct WorkerExited {
  std::shared_ptr<const Exit> exit;
  // What becomes of the slot: "restart in 200ms", "left FAILED", "removed".
  std::string next;
  // The slot stays FAILED unless someone restarts it: what an embedding
  // program's exit callback is asked about.
  bool left = false;
};

struct PoolChanged {
  std::string pool;
  PoolState former = PoolState::kStarting;
  PoolState state = PoolState::kStarting;
  uint32_t count = 0;
  Generation generation = 0;
};

struct PoolRemoved {
  std::string pool;
};

// The operation began, made progress or ended; look it up.
struct OperationChanged {
  OperationId operation = 0;
};

struct UserMessageReceived {
  Identity worker;
  std::string topic;
  std::string payload;
};

using Notice = std::variant<WorkerChanged, WorkerExited, PoolChanged,
                            PoolRemoved, OperationChanged, UserMessageReceived>;

// One line, for debug output.
std::string Describe(const Notice& notice);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_NOTICE_H_
