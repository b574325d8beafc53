// The core as a whole: routes events to workers and outcomes to pools, and does
// what concerns all pools. Private to this room.
//
// supervisor.cc is the public face; here and in supervisor_events.cc,
// supervisor_commands.cc, supervisor_order.cc, supervisor_state.cc and
// supervisor_views.cc is what it stands for.
#ifndef SUPERVISOR_CORE_SUPERVISOR_IMPL_H_
#define SUPERVISOR_CORE_SUPERVISOR_IMPL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "supervisor/core/pool.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/core/world.h"

namespace drover::core {

class Supervisor::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)),
        world_(options_.version, options_.max_parallel_starts, options_.seed) {
    world_.last_incarnation = options_.last_incarnation;
  }

  void Handle(const Event& event, Turn& turn) {
    AbsorbPause(turn);
    std::visit([&](const auto& fact) { On(fact, turn); }, event);
    if (pools_touched_) {
      EndTurn(turn);
    } else {
      last_turn_ = turn.now;
    }
  }

  absl::StatusOr<OperationId> Submit(const Command& command,
                                     absl::string_view caller, Turn& turn) {
    AbsorbPause(turn);
    auto operation = std::visit(
        [&](const auto& wish) { return Begin(wish, caller, turn); }, command);
    EndTurn(turn);
    return operation;
  }

  absl::Status Cancel(OperationId id, absl::string_view caller, Turn& turn);
  absl::Status Decide(absl::string_view pool, uint32_t slot,
                      config::v1::ExitAction action, Turn& turn);
  absl::Status SendUserMessage(absl::string_view pool, uint32_t slot,
                               absl::string_view topic,
                               absl::string_view payload, Effects* effects);

  void Write(state::v1::Core* to) const;
  // Into one that is new.
  absl::Status Read(const state::v1::Core& from);

  absl::Time NextDeadline() const { return world_.timers.Next(); }
  bool shutting_down() const { return shutdown_ != 0; }
  World& world() { return world_; }

  std::vector<PoolView> Pools() const;
  std::vector<PoolHealth> Health() const;
  const Pool* Find(absl::string_view name) const;
  const World& world() const { return world_; }
  std::optional<WorkerView> FindIncarnation(Incarnation incarnation) const;
  OperationView View(const Operation& operation) const;

 private:
  // Facts.
  void On(const Spawned& fact, Turn& turn);
  void On(const TimePassed&, Turn& turn);
  void On(const SpawnFailed& fact, Turn& turn) {
    Feed(fact, turn, &Worker::OnSpawnFailed);
  }
  void On(const FrameReceived& fact, Turn& turn) {
    Apply(fact.incarnation, turn, [&](Worker& worker) {
      return worker.OnFrame(fact.message, turn.context());
    });
  }
  void On(const FrameRejected& fact, Turn& turn) {
    Feed(fact, turn, &Worker::OnRejected);
  }
  void On(const ChannelClosed& fact, Turn& turn) {
    Apply(fact.incarnation, turn,
          [&](Worker& worker) { return worker.OnClosed(turn.context()); });
  }
  void On(const QueueOverflowed& fact, Turn& turn) {
    Apply(fact.incarnation, turn,
          [&](Worker& worker) { return worker.OnOverflow(turn.context()); });
  }
  void On(const ProcessStopped& fact, Turn& turn) {
    Apply(fact.incarnation, turn, [&](Worker& worker) {
      worker.OnProcessStopped(turn.context());
      return Outcome::kNone;
    });
  }
  void On(const ProcessContinued& fact, Turn& turn) {
    Apply(fact.incarnation, turn, [&](Worker& worker) {
      worker.OnProcessContinued(turn.context());
      return Outcome::kNone;
    });
  }
  void On(const Exited& fact, Turn& turn) {
    Feed(fact, turn, &Worker::OnExited);
  }

  template <typename Fact>
  void Feed(const Fact& fact, Turn& turn,
            Outcome (Worker::*handler)(const Fact&, const Worker::Context&)) {
    Apply(fact.incarnation, turn, [&](Worker& worker) {
      return (worker.*handler)(fact, turn.context());
    });
  }

  // Gives one worker an input and its pool the outcome.
  template <typename Input>
  void Apply(Incarnation incarnation, Turn& turn, Input input);

  // Commands.
  absl::StatusOr<OperationId> Begin(const core::Apply& wish,
                                    absl::string_view caller, Turn& turn);
  absl::StatusOr<OperationId> Begin(const Scale& wish, absl::string_view caller,
                                    Turn& turn);
  absl::StatusOr<OperationId> Begin(const Reload& wish,
                                    absl::string_view caller, Turn& turn);
  absl::StatusOr<OperationId> Begin(const RestartWorker& wish,
                                    absl::string_view caller, Turn& turn);
  absl::StatusOr<OperationId> Begin(const StopPool& wish,
                                    absl::string_view caller, Turn& turn);
  absl::StatusOr<OperationId> Begin(const StartPool& wish,
                                    absl::string_view caller, Turn& turn);
  absl::StatusOr<OperationId> Begin(const Shutdown& wish,
                                    absl::string_view caller, Turn& turn);

  absl::Status CheckApply(const core::Apply& wish) const;
  absl::Status CheckChange(const PoolChange& change) const;
  void BeginChange(const PoolChange& change, OperationId parent,
                   absl::string_view caller, Turn& turn);
  OperationId BeginStart(Pool& pool, absl::string_view caller,
                         OperationId parent, Turn& turn);
  OperationId BeginReload(Pool& pool, bool in_place, absl::string_view caller,
                          Turn& turn);
  OperationId NewOperation(OperationKind kind, absl::string_view pool,
                           std::string plan, absl::string_view caller,
                           OperationId parent, Turn& turn);
  // The pool, where nothing runs on it.
  absl::StatusOr<Pool*> FindFree(absl::string_view name);
  void BeginShutdown(const Failure& why, Urgency urgency, OperationId operation,
                     Turn& turn);
  void Urge(Urgency urgency, Turn& turn);
  void TurnFast(Turn& turn);
  void TurnHard(FailureReason cause, absl::string_view text, Turn& turn);

  // Order among pools (supervisor_order.cc). A pool that waits for others is
  // started once they run, one that is to go is removed once those that came
  // after it are gone.
  struct Removal {
    OperationId operation = 0;
    worker::v1::Cause cause = worker::v1::CAUSE_SHUTDOWN;
    Failure why;
  };
  // The pool in the way of its start: empty if none is; an error if it cannot
  // be waited for.
  absl::StatusOr<std::string> WaitsFor(const Pool& pool) const;
  // The pool that has to be gone before; empty if none has.
  std::string HeldBy(const Pool& pool) const;
  void FollowOrder(Turn& turn);
  bool StartWaiting(Turn& turn);
  bool BeginRemovals(Turn& turn);
  bool DropRemovedPools(Turn& turn);
  void AppendOrder(const Pool& pool, std::vector<WaitingView>* waiting) const;

  // State (supervisor_state.cc).
  void WriteWorkers(state::v1::Core* to) const;
  void WriteShutdown(state::v1::Core* to) const;
  void ReadPools(const state::v1::Core& from, StateErrors& errors);
  void ReadWorkers(const state::v1::Core& from, StateErrors& errors);
  void ReadShutdown(const state::v1::Core& from, StateErrors& errors);
  void CheckOperations(StateErrors& errors) const;

  // The supervisor itself was held up (suspended, stopped, starved): what it
  // missed counts against nobody.
  void AbsorbPause(Turn& turn);

  void EndTurn(Turn& turn);
  void PumpStarts(Turn& turn);
  // Each says whether it began a shutdown.
  bool FollowInitialStart(Turn& turn);
  bool FollowShutdownWish(Turn& turn);
  void FollowShutdown(Turn& turn);

  void AppendWaiting(const Pool& pool, const Operation& operation,
                     std::vector<WaitingView>* waiting) const;

  Pool* FindPool(absl::string_view name);
  Pool* PoolById(uint32_t id);

  Options options_;
  World world_;
  // In the order in which they were added.
  std::map<uint32_t, Pool> pools_;
  uint32_t last_pool_ = 0;
  OperationId initial_ = 0;
  OperationId shutdown_ = 0;
  uint32_t shutdown_processes_ = 0;
  Urgency urgency_ = Urgency::kGraceful;
  absl::Time shutdown_deadline_ = absl::InfiniteFuture();
  Timer shutdown_timer_{TimerKey::Shutdown()};
  // By the pool's id: those that are to go, once others are gone.
  std::map<uint32_t, Removal> removals_;
  // Something may follow in them, or from them. Of a heartbeat nothing does,
  // and most of what happens is heartbeats.
  bool pools_touched_ = true;
  // Of the last turn.
  absl::Time last_turn_ = absl::InfiniteFuture();
  int exit_code_ = kExitOk;
  bool finished_ = false;
};

template <typename Input>
void Supervisor::Impl::Apply(Incarnation incarnation, Turn& turn, Input input) {
  Worker* worker = turn.Find(incarnation);
  if (worker == nullptr) return;
  Outcome outcome = input(*worker);
  turn.SyncTimer(*worker);
  if (outcome != Outcome::kNone) {
    pools_touched_ = true;
    if (Pool* pool = FindPool(worker->identity().pool)) {
      pool->OnOutcome(*worker, outcome, turn);
    }
  }
  if (outcome == Outcome::kEnded) world_.workers.erase(incarnation);
}

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_SUPERVISOR_IMPL_H_
