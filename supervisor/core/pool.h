// A pool: its slots, its generations, and the one operation that may run on it.
//
// The implementation is in five files: pool.cc (slots and processes),
// pool_exits.cc (what an exit means), pool_operations.cc (operations but
// reload), rollout.cc (reload and its way back), pool_views.cc (reading).
#ifndef SUPERVISOR_CORE_POOL_H_
#define SUPERVISOR_CORE_POOL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/backoff.h"
#include "supervisor/core/failure.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/settings.h"
#include "supervisor/core/slot.h"
#include "supervisor/core/state.h"
#include "supervisor/core/view.h"
#include "supervisor/core/worker.h"
#include "supervisor/core/world.h"

namespace drover::core {

class Pool {
 public:
  // `spec` is normalized. No slot is filled before BeginStart.
  Pool(uint32_t id, const config::v1::Pool& spec);

  // Operations: the caller has checked that they may begin -------------------

  void BeginStart(OperationId operation, Turn& turn);
  void BeginScale(OperationId operation, uint32_t count, Turn& turn);
  // Ends the running scale, for another that follows at once.
  void Supersede(const Failure& why, Turn& turn);
  // `spec` becomes the next generation; its count comes into force with it.
  void BeginReload(OperationId operation, const config::v1::Pool& spec,
                   Turn& turn);
  void BeginRestart(OperationId operation, uint32_t slot, Turn& turn);
  void BeginStop(OperationId operation, Turn& turn);
  // The pool goes away: drained, or killed at once. A running operation is
  // ended for `why`. `operation` 0: it is part of a shutdown.
  void BeginRemove(OperationId operation, worker::v1::Cause cause,
                   const Failure& why, Turn& turn);
  void KillAll(FailureReason cause, absl::string_view text, Turn& turn);
  // A FAILED pool's next start is with this spec.
  void Adopt(const config::v1::Pool& spec);
  // Takes what needs no new process from `spec`, at once.
  void Update(const config::v1::Pool& spec, Turn& turn);
  // False if the running operation cannot be cancelled.
  bool Cancel(const Failure& why, Turn& turn);
  // The embedding program's word on a slot that was left FAILED; false if it is
  // not.
  bool Decide(uint32_t slot, config::v1::ExitAction action, Turn& turn);

  // Events -------------------------------------------------------------------

  void OnOutcome(Worker& worker, Outcome outcome, Turn& turn);
  void OnSlotTimer(uint32_t slot, Turn& turn);
  void OnStartTurn(const StartTurn& start, Turn& turn);

  // Views --------------------------------------------------------------------

  uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  PoolState state() const { return state_; }
  uint32_t count() const { return count_; }
  bool has_slot(uint32_t slot) const;
  // 0 if none runs.
  OperationId operation() const { return run_ ? run_->operation : 0; }
  OperationKind operation_kind() const { return run_->kind; }
  // Slots that have neither process nor a wish for one.
  bool idle_slots() const;
  uint32_t processes() const;
  const config::v1::Pool& spec() const;
  Incarnation incumbent(uint32_t slot) const;

  bool Serves(const Workers& workers) const;
  PoolView View(const Workers& workers) const;
  std::vector<WorkerView> WorkerViews(const Workers& workers) const;
  std::optional<WorkerView> SlotView(uint32_t slot,
                                     const Workers& workers) const;
  // Any process of the pool, whatever its role.
  std::optional<WorkerView> IncarnationView(const Identity& id,
                                            const Workers& workers) const;
  // What the running operation waits for, in the order of slots. With `all`:
  // every process, as a shutdown does.
  std::vector<WaitingView> Waiting(const Workers& workers, bool all) const;

 private:
  // A reload under way, or on its way back.
  struct Rollout {
    Generation from = 0;
    Generation to = 0;
    uint32_t former_count = 0;
    uint32_t new_count = 0;
    // Slots to do, in order; `next` is the first not begun.
    std::vector<uint32_t> queue;
    size_t next = 0;
    uint32_t under_way = 0;
    // Slots whose way back failed for good.
    std::vector<uint32_t> left_behind;
  };

  struct Run {
    OperationId operation = 0;
    OperationKind kind = OperationKind::kStart;
    // After a failure or a cancel: undoing.
    bool back = false;
    uint32_t pending = 0;       // slots with an `awaited`
    uint32_t former_count = 0;  // scale
    std::shared_ptr<const Failure> failure;
    std::optional<Rollout> rollout;
  };

  struct GenerationData {
    std::shared_ptr<const config::v1::Pool> spec;
    std::shared_ptr<const WorkerSettings> worker;
    uint32_t processes = 0;
  };

  // What becomes of a slot after an exit.
  struct Verdict {
    enum class Kind {
      kReplaced,           // the outgoing process is gone
      kReplacementFailed,  // the successor is gone before its promotion
      kReplacementCalledOff,
      kAsked,           // the incumbent went as it was told to
      kSuccessorComes,  // it went by itself, and is being replaced anyway
      kFailsOperation,
      kRestart,
      kLeave,
      kStopPool,
      kShutDown,
      kCrashLoop,
    };
    Kind kind = Kind::kAsked;
    absl::Duration delay;
  };

  // pool.cc: slots and processes.
  void SetState(PoolState state, Turn& turn);
  Generation AddGeneration(const config::v1::Pool& spec);
  void RetireUnused(Turn& turn);
  bool Wanted(const Slot& slot) const;
  void AddSlot(Generation generation, Turn& turn);
  void TrimSlots(Turn& turn);
  void WantProcess(Slot& slot, Turn& turn);
  void WantProcessAfter(Slot& slot, absl::Duration delay, Turn& turn);
  void Vacate(Slot& slot, VacancyKind kind, Turn& turn);
  Incarnation SpawnFor(Slot& slot, Generation generation, Turn& turn);
  void SetGoal(Incarnation incarnation, Goal goal, worker::v1::Cause cause,
               absl::string_view text, Turn& turn);
  // Everything of the slot goes, and nothing new comes.
  void Dismiss(Slot& slot, worker::v1::Cause cause, absl::string_view text,
               Turn& turn);
  void Remove(Slot& slot, worker::v1::Cause cause, absl::string_view text,
              Turn& turn);
  void BeginReplacement(Slot& slot, Replacement replacement, Turn& turn);
  void Promote(Slot& slot, Turn& turn);
  void CallOffReplacement(Slot& slot, Turn& turn);
  void OnStarted(Slot& slot, Worker& worker, Turn& turn);
  void OnStopped(Slot& slot, Worker& worker, Turn& turn);
  void SyncSlotTimer(const Slot& slot, Turn& turn) const;

  // pool_views.cc: reading.
  WorkerView VacancyView(const Slot& slot) const;
  std::optional<WorkerView> ProcessView(const Slot& slot,
                                        Incarnation incarnation,
                                        const Workers& workers) const;

  // pool_exits.cc: what an exit means.
  void OnEnded(Slot& slot, const Worker& worker, Turn& turn);
  WorkerRole RoleOf(const Slot& slot, Incarnation incarnation) const;
  Verdict Judge(const Slot& slot, const Worker& worker, WorkerRole role,
                Turn& turn);
  Verdict JudgeUnasked(const Slot& slot, const Worker& worker, Turn& turn);
  Verdict JudgeByPolicy(const Worker& worker, config::v1::ExitAction action,
                        Slot& slot, Turn& turn);
  Verdict JudgeRestart(Slot& slot, absl::Duration healthy, Turn& turn);
  config::v1::ExitAction PolicyFor(const Exit& exit) const;
  void Carry(const Verdict& verdict, Slot& slot,
             const std::shared_ptr<const Exit>& exit, Turn& turn);
  std::string NextText(const Verdict& verdict, const Slot& slot) const;
  void OnReplacementFailed(Slot& slot, const std::shared_ptr<const Exit>& exit,
                           Turn& turn);
  void RefillAfterFailure(Slot& slot, Turn& turn);
  uint64_t MaxRestarts() const;
  std::string StartAgain() const;
  void FailPool(FailureReason reason, Failure failure, Turn& turn);

  // pool_operations.cc: operations but reload.
  Run& BeginRun(OperationId operation, OperationKind kind);
  void Await(Slot& slot, Awaited what);
  void Satisfy(Slot& slot, Awaited what, Turn& turn);
  void ForgetAwaited();
  void PhaseDone(Turn& turn);
  void StartSlot(Slot& slot, Turn& turn);
  void FailRun(Failure failure, Turn& turn);
  void TakeDownStart(Turn& turn);
  void TakeBackScale(Turn& turn);
  void OnRequest(Slot& slot, Worker& worker, Turn& turn);
  void Grant(Slot& slot, const Worker& worker, worker::v1::RequestKind kind,
             Turn& turn);
  void EndRun(OperationState state, std::shared_ptr<const Failure> failure,
              Turn& turn);
  void SlotEmptied(Slot& slot, Turn& turn);

  // rollout.cc: reload and its way back.
  void PumpRollout(Turn& turn);
  void ReplacementDone(Slot& slot, Turn& turn);
  void RolloutSlotDone(Slot& slot, Turn& turn);
  void RolloutReplacementFailed(Slot& slot,
                                const std::shared_ptr<const Exit>& exit,
                                Turn& turn);
  void RollBack(Turn& turn);
  void FinishRollout(Turn& turn);

  uint32_t id_;
  std::string name_;
  PoolState state_ = PoolState::kStopped;
  uint32_t count_;
  PoolSettings settings_;
  std::map<Generation, GenerationData> generations_;
  Generation generation_ = 0;  // in force
  Generation last_generation_ = 0;
  std::vector<Slot> slots_;
  Intensity intensity_;
  uint64_t restarts_ = 0;
  std::shared_ptr<const Failure> failure_;
  std::optional<Run> run_;
};

// "web/3" and the process behind it, for messages.
std::string Label(const Identity& worker);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_POOL_H_
