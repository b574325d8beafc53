// The states of workers, pools and operations, with their names.
#ifndef SUPERVISOR_CORE_STATE_H_
#define SUPERVISOR_CORE_STATE_H_

#include "absl/strings/string_view.h"

namespace drover::core {

// One process, as the supervisor sees it (SPEC.md, the supervisor's table).
enum class WorkerState {
  kSpawned,       // the process runs, no Hello yet
  kInitialized,   // Welcome sent
  kStarting,      // Start sent
  kStarted,       // takes work
  kStopping,      // Stop sent
  kStopped,       // nothing in flight, the process lives
  kShuttingDown,  // Quit sent
  kFailed,        // being ended for a fault; the process may still live
  kEnded,         // the process is gone; its slot may be filled again
};
inline constexpr int kWorkerStateCount = 9;

// "STARTED"
absl::string_view Name(WorkerState state);

// States in which the worker waits for commands and Ping is sent.
constexpr bool IsStable(WorkerState state) {
  return state == WorkerState::kInitialized || state == WorkerState::kStarted ||
         state == WorkerState::kStopped;
}

// A slot's view of a process: a slot has one incumbent, and while it is
// replaced a successor or an outgoing process beside it.
enum class WorkerRole { kIncumbent, kSuccessor, kOutgoing };

enum class PoolState {
  kStarting,
  kRunning,
  kStopping,
  kStopped,
  kRemoving,
  kFailed,
  kWaiting,  // for the pools that it comes after
};

absl::string_view Name(PoolState state);

enum class OperationKind {
  kApply,
  kScale,
  kReload,
  kRestart,
  kStop,
  kStart,
  kShutdown,
  kRemove,
};

absl::string_view Name(OperationKind kind);

enum class OperationState {
  kRunning,
  kRollingBack,
  // The rest are final.
  kSucceeded,
  kFailed,
  kRolledBack,
  kCancelled,
  kSuperseded,
};

absl::string_view Name(OperationState state);

constexpr bool IsFinal(OperationState state) {
  return state != OperationState::kRunning &&
         state != OperationState::kRollingBack;
}

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_STATE_H_
