// The core: every decision of the supervisor, as a function of (state, input,
// now). It has no clock, descriptor, thread or log; the shell feeds it events
// and carries its effects out, the control room submits commands and reads
// views. The same inputs at the same times give the same effects.
//
// Time is any steady clock's; only differences and order count. It must not go
// back. Not thread-safe.
#ifndef SUPERVISOR_CORE_SUPERVISOR_H_
#define SUPERVISOR_CORE_SUPERVISOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "supervisor/core/command.h"
#include "supervisor/core/effect.h"
#include "supervisor/core/event.h"
#include "supervisor/core/refusal.h"
#include "supervisor/core/view.h"

namespace drover::state::v1 {
class Core;
}  // namespace drover::state::v1

namespace drover::core {

struct Options {
  // For Welcome: "drover/1.0.0".
  std::string version;
  // How many workers may be on their way to STARTED at once, over all pools.
  uint32_t max_parallel_starts = 64;
  // One deadline over a graceful shutdown.
  absl::Duration shutdown_timeout = absl::Minutes(2);
  // Seeds the jitter of backoffs.
  uint64_t seed = 1;
  // The last one that was given by a supervisor before this one: the next
  // follows it, so that no identity is given twice.
  Incarnation last_incarnation = 0;
};

class Supervisor {
 public:
  explicit Supervisor(Options options);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Writes the whole state out: a core that is read from it goes on as this one
  // would, to the same effects, at the same times of the same clock. Timers are
  // written with what they are for; nothing of the shell is (descriptors,
  // pids' processes): that is the shell's to carry over.
  void Write(state::v1::Core* state) const;

  // InvalidArgument names the field that makes no sense: then `state` is not of
  // this program's making, and nothing was taken from it. Of `options` only
  // what is no state counts: version, limits, timeouts.
  static absl::StatusOr<std::unique_ptr<Supervisor>> Read(
      const state::v1::Core& state, Options options);

  // Takes one fact in; appends what is to be done.
  void Handle(const Event& event, absl::Time now, Effects* effects);

  // Takes a command in: the id of its operation (which may have ended already),
  // or a refusal that changed nothing:
  //   NotFound            no such pool or slot
  //   InvalidArgument     a value out of range
  //   FailedPrecondition  not in this state
  //   Aborted             another operation runs on the pool
  // `caller` is shown: "uid 1000", "SIGHUP".
  absl::StatusOr<OperationId> Submit(const Command& command,
                                     absl::string_view caller, absl::Time now,
                                     Effects* effects);

  // NotFound, or FailedPrecondition if it has ended already.
  absl::Status Cancel(OperationId operation, absl::string_view caller,
                      absl::Time now, Effects* effects);

  // What an embedding program answers to WorkerExited.left: as if the pool's
  // restart policy had said so. NotFound if the slot is not left FAILED.
  absl::Status Decide(absl::string_view pool, uint32_t slot,
                      config::v1::ExitAction action, absl::Time now,
                      Effects* effects);

  // Sends a user message to a worker. NotFound if there is no such incumbent;
  // FailedPrecondition if it does not have the capability; InvalidArgument for
  // a topic or payload out of range.
  absl::Status SendUserMessage(absl::string_view pool, uint32_t slot,
                               absl::string_view topic,
                               absl::string_view payload, Effects* effects);

  // When TimePassed is wanted next; InfiniteFuture if nothing waits for time.
  absl::Time NextDeadline() const;

  bool shutting_down() const;

  // Views ---------------------------------------------------------------------

  std::vector<PoolView> Pools() const;
  std::vector<PoolHealth> Health() const;
  std::optional<PoolView> FindPool(absl::string_view name) const;
  // By slot; in a slot the incumbent first. Empty if there is no such pool.
  std::vector<WorkerView> Workers(absl::string_view pool) const;
  // The slot's incumbent, or the vacancy.
  std::optional<WorkerView> FindWorker(absl::string_view pool,
                                       uint32_t slot) const;
  // The process, if the core still knows it.
  std::optional<WorkerView> FindIncarnation(Incarnation incarnation) const;
  // Newest first; ended ones are kept up to 256.
  std::vector<OperationView> Operations() const;
  std::optional<OperationView> FindOperation(OperationId id) const;
  // Its state alone: at no cost, where a view looks at every worker it waits
  // for. nullopt if it is not known (any more).
  std::optional<OperationState> StateOf(OperationId id) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_SUPERVISOR_H_
