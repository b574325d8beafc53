#include "supervisor/core/state.h"

namespace drover::core {

absl::string_view Name(WorkerState state) {
  switch (state) {
    case WorkerState::kSpawned:
      return "SPAWNED";
    case WorkerState::kInitialized:
      return "INITIALIZED";
    case WorkerState::kStarting:
      return "STARTING";
    case WorkerState::kStarted:
      return "STARTED";
    case WorkerState::kStopping:
      return "STOPPING";
    case WorkerState::kStopped:
      return "STOPPED";
    case WorkerState::kShuttingDown:
      return "SHUTTING_DOWN";
    case WorkerState::kFailed:
      return "FAILED";
    case WorkerState::kEnded:
      return "ENDED";
  }
  return "?";
}

absl::string_view Name(PoolState state) {
  switch (state) {
    case PoolState::kStarting:
      return "STARTING";
    case PoolState::kRunning:
      return "RUNNING";
    case PoolState::kStopping:
      return "STOPPING";
    case PoolState::kStopped:
      return "STOPPED";
    case PoolState::kRemoving:
      return "REMOVING";
    case PoolState::kFailed:
      return "FAILED";
    case PoolState::kWaiting:
      return "WAITING";
  }
  return "?";
}

absl::string_view Name(OperationKind kind) {
  switch (kind) {
    case OperationKind::kApply:
      return "apply";
    case OperationKind::kScale:
      return "scale";
    case OperationKind::kReload:
      return "reload";
    case OperationKind::kRestart:
      return "restart";
    case OperationKind::kStop:
      return "stop";
    case OperationKind::kStart:
      return "start";
    case OperationKind::kShutdown:
      return "shutdown";
    case OperationKind::kRemove:
      return "remove";
  }
  return "?";
}

absl::string_view Name(OperationState state) {
  switch (state) {
    case OperationState::kRunning:
      return "RUNNING";
    case OperationState::kRollingBack:
      return "ROLLING_BACK";
    case OperationState::kSucceeded:
      return "SUCCEEDED";
    case OperationState::kFailed:
      return "FAILED";
    case OperationState::kRolledBack:
      return "ROLLED_BACK";
    case OperationState::kCancelled:
      return "CANCELLED";
    case OperationState::kSuperseded:
      return "SUPERSEDED";
  }
  return "?";
}

}  // namespace drover::core
