// The core's state as others may read it: values, valid at the moment they were
// taken. Texts that come from workers are raw; who shows them sanitises them.
#ifndef SUPERVISOR_CORE_VIEW_H_
#define SUPERVISOR_CORE_VIEW_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/failure.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/state.h"

namespace drover::core {

// What a worker said in Hello.
struct Introduction {
  std::string program;
  std::string version;
  std::string sdk;
  std::vector<uint32_t> capabilities;
  int32_t pid = 0;
};

// Where a slot that has no process is.
enum class VacancyKind {
  kNone,        // it has one
  kWaiting,     // its turn among parallel starts has not come
  kBackingOff,  // waits before the next process
  kLeft,        // FAILED until someone restarts it
  kStopped,     // the pool is stopped, or on its way out
};

struct WorkerView {
  Identity id;  // incarnation 0 where the slot is vacant
  WorkerRole role = WorkerRole::kIncumbent;
  VacancyKind vacancy = VacancyKind::kNone;
  // Counts when the slot is not vacant.
  WorkerState state = WorkerState::kSpawned;
  int32_t pid = 0;
  absl::Time state_since;
  absl::Time spawned_at;
  // Of the state, or of the backoff. Not of the heartbeat.
  std::optional<absl::Time> deadline;
  std::optional<absl::Time> last_pong;
  // A signal stopped the process.
  bool process_stopped = false;
  // LameDuck was sent; the deadline is when Stop follows.
  bool lame_duck = false;
  std::string status_text;
  uint32_t in_flight = 0;
  std::map<std::string, double> gauges;
  Introduction introduction;
  uint32_t restarts = 0;
  std::shared_ptr<const Exit> last_exit;
};

struct PoolView {
  std::string name;
  PoolState state = PoolState::kStarting;
  uint32_t count = 0;
  uint32_t ready = 0;  // STARTED, of any generation
  Generation generation = 0;
  Generation next_generation = 0;
  // The running operation; a scale only where nothing else runs.
  OperationId operation = 0;
  // A part of the new generation is being tried: until when.
  std::optional<absl::Time> bakes_until;
  uint64_t restarts = 0;
  std::shared_ptr<const Failure> failure;
  std::shared_ptr<const config::v1::Pool> spec;
};

// Whether a pool can be sent work: wanted to run, and one worker at least is
// STARTED. Cheaper than a PoolView.
struct PoolHealth {
  std::string name;
  bool serving = false;
};

// One worker that an operation waits for, or, where slot and incarnation mean
// nothing (`what` says so), a pool.
struct WaitingView {
  Identity worker;
  VacancyKind vacancy = VacancyKind::kNone;
  WorkerState state = WorkerState::kSpawned;
  // "STARTED", "the drain (12 in flight)", "its exit", "its turn" ...
  std::string what;
  absl::Time since;
  std::optional<absl::Time> deadline;
};

struct OperationView {
  OperationId id = 0;
  OperationKind kind = OperationKind::kApply;
  OperationState state = OperationState::kRunning;
  std::string pool;
  std::string plan;
  std::string caller;
  absl::Time created;
  std::optional<absl::Time> ended;
  uint32_t done = 0;
  uint32_t total = 0;
  // At most 16, the longest waiting first; empty when final.
  std::vector<WaitingView> waiting;
  uint32_t waiting_more = 0;
  std::shared_ptr<const Failure> failure;
  std::vector<OperationId> children;
  OperationId parent = 0;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_VIEW_H_
