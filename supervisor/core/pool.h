// A pool: its slots, its generations, and what runs on it: one operation, and a
// scale beside it where that is a reload.
//
// The implementation is in several files: pool.cc (slots and processes),
// replacement.cc (the one mechanism that fills a slot), pool_exits.cc (what an
// exit means), pool_operations.cc (operations but reload), rollout.cc (reload
// by replacement, and its way back), in_place.cc (reload in the same
// processes), pool_views.cc (reading), pool_state.cc (written out and read
// back).
#ifndef SUPERVISOR_CORE_POOL_H_
#define SUPERVISOR_CORE_POOL_H_

#include <cstdint>
#include <deque>
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
#include "supervisor/core/restart_schedule.h"
#include "supervisor/core/settings.h"
#include "supervisor/core/slot.h"
#include "supervisor/core/state.h"
#include "supervisor/core/view.h"
#include "supervisor/core/worker.h"
#include "supervisor/core/world.h"

namespace drover::state::v1 {
class Pool;
class Rollout;
class Run;
}  // namespace drover::state::v1

namespace drover::core {

class StateErrors;

class Pool {
 public:
  // `spec` is normalized. No slot is filled before BeginStart.
  Pool(uint32_t id, const config::v1::Pool& spec);

  // Operations: the caller has checked that they may begin -------------------

  void BeginStart(OperationId operation, Turn& turn);
  // The start waits for other pools: ContinueStart or FailStart follows.
  void BeginWait(OperationId operation, Turn& turn);
  void ContinueStart(Turn& turn);
  void FailStart(const Failure& why, Turn& turn);
  // Beside a reload it acts at once, and the reload goes on with the new count.
  void BeginScale(OperationId operation, uint32_t count, Turn& turn);
  // Ends the running scale, for another that follows at once.
  void SupersedeScale(const Failure& why, Turn& turn);
  // `spec` becomes the next generation; its count comes into force with it.
  void BeginReload(OperationId operation, const config::v1::Pool& spec,
                   Turn& turn);
  // Reload in the same processes. The workers that are STARTED can.
  void BeginReloadInPlace(OperationId operation, Turn& turn);
  void BeginRestart(OperationId operation, uint32_t slot, Turn& turn);
  void BeginStop(OperationId operation, Turn& turn);
  // It will be removed, when others are gone: nothing else may begin.
  void ReserveForRemoval(OperationId operation);
  // The pool goes away, drained. What else runs on it is ended for `why`.
  // `operation` 0: it is part of a shutdown.
  void BeginRemove(OperationId operation, worker::v1::Cause cause,
                   const Failure& why, Turn& turn);
  // Ends what runs on it, undoing nothing.
  void AbandonRuns(const Failure& why, Turn& turn);
  // No drain: Quit at once.
  void HurryAll(worker::v1::Cause cause, absl::string_view text, Turn& turn);
  void KillAll(FailureReason cause, absl::string_view text, Turn& turn);
  // A FAILED pool's next start is with this spec.
  void Adopt(const config::v1::Pool& spec);
  // Takes what needs no new process from `spec`, at once.
  void Update(const config::v1::Pool& spec, Turn& turn);
  // False if the operation, which runs on this pool, cannot be cancelled.
  bool Cancel(OperationId operation, const Failure& why, Turn& turn);
  // The embedding program's word on a slot that was left FAILED; false if it is
  // not.
  bool Decide(uint32_t slot, config::v1::ExitAction action, Turn& turn);

  // Events -------------------------------------------------------------------

  void OnOutcome(Worker& worker, Outcome outcome, Turn& turn);
  void OnSlotTimer(uint32_t slot, Turn& turn);
  // Of the pool as a whole: restarts, a reload's own deadlines.
  void OnPoolTimer(Turn& turn);
  void OnStartTurn(const StartTurn& start, Turn& turn);
  // The supervisor itself missed so much time.
  void Postpone(absl::Duration time, Turn& turn);

  // Views --------------------------------------------------------------------

  uint32_t id() const { return id_; }
  const std::string& name() const { return name_; }
  PoolState state() const { return state_; }
  uint32_t count() const { return count_; }
  bool has_slot(uint32_t slot) const;
  // ... and it is not on its way out of the pool.
  bool wants_slot(uint32_t slot) const;
  // What runs on it; a scale only where nothing else does. 0 if nothing runs.
  OperationId operation() const {
    return run_ ? run_->operation : scale_ ? scale_->operation : 0;
  }
  OperationKind operation_kind() const {
    return run_ ? run_->kind : OperationKind::kScale;
  }
  OperationId scale() const { return scale_ ? scale_->operation : 0; }
  bool Runs(OperationId operation) const {
    return (run_ && run_->operation == operation) ||
           (scale_ && scale_->operation == operation);
  }
  const PoolSettings& settings() const { return settings_; }
  // The first STARTED worker that cannot reload in place; nullopt if all can.
  std::optional<Identity> CannotReload(const Workers& workers) const;
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
  // What an operation that runs on it waits for, in the order of slots. 0:
  // every process, as a shutdown does.
  std::vector<WaitingView> Waiting(const Workers& workers,
                                   OperationId operation) const;

  // State (pool_state.cc) ----------------------------------------------------

  void Write(state::v1::Pool* to) const;
  // Into one that is new. Its processes follow, each to be announced once.
  void Read(const state::v1::Pool& from, StateErrors& errors);
  // The settings of a process that a slot names; nullptr if none does.
  std::shared_ptr<const WorkerSettings> Adopts(const Identity& worker);
  bool ProcessesAreKnown(const Turn& turn) const;
  void SyncTimers(Turn& turn);

 private:
  // A reload by replacement, on its way or on its way back. It says what every
  // slot shall be; what is left to do is seen in the slots.
  struct Rollout {
    Generation from = 0;
    Generation to = 0;
    uint32_t new_count = 0;
    // Of the new spec: who changes it means this reload.
    ReloadSettings policy;
    // Replacements begun on the way forth, for the canary.
    uint32_t begun = 0;
    bool canary_passed = false;
    absl::Time bakes_until = absl::InfiniteFuture();
    absl::Time progress_deadline = absl::InfiniteFuture();
  };

  // A reload in the same processes: one slot after another.
  struct InPlace {
    std::vector<uint32_t> queue;
    size_t next = 0;
    std::vector<uint32_t> done;
  };

  struct Run {
    OperationId operation = 0;
    OperationKind kind = OperationKind::kStart;
    // A start that waits: what the pool was before.
    PoolState former = PoolState::kStopped;
    // After a failure or a cancel: undoing.
    bool back = false;
    uint32_t pending = 0;       // slots with an `awaited`
    uint32_t former_count = 0;  // scale
    std::shared_ptr<const Failure> failure;
    std::optional<Rollout> rollout;
    std::optional<InPlace> in_place;
  };

  // The pool as a reload has to see it.
  struct Tally {
    uint32_t available = 0;  // serving, and proven where they have to be
    uint32_t surging = 0;    // slots with a process above count
    uint32_t under_way = 0;  // slots that the reload waits for
  };

  struct GenerationData {
    std::shared_ptr<const config::v1::Pool> spec;
    std::shared_ptr<const WorkerSettings> worker;
    // What `worker` was made of: its own spec, or a later one.
    std::shared_ptr<const config::v1::Pool> settings_of;
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
      kFailsReload,
      kFailsOperation,
      kRestart,
      kLeave,
      kPermanent,  // left, because of its exit code
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
  void FollowGeneration(Generation gone);
  bool Wanted(const Slot& slot) const;
  void AddSlot(Generation generation, Turn& turn);
  void TrimSlots();
  void WantProcess(Slot& slot, Turn& turn);
  void WantProcessAfter(Slot& slot, absl::Duration delay, Turn& turn);
  void Vacate(Slot& slot, VacancyKind kind, Turn& turn);
  void CallOffRestart(Slot& slot, Turn& turn);
  Incarnation SpawnFor(Slot& slot, Generation generation, Turn& turn);
  void SetGoal(Incarnation incarnation, Goal goal, worker::v1::Cause cause,
               absl::string_view text, Turn& turn);
  // Everything of the slot goes, and nothing new comes.
  void Dismiss(Slot& slot, worker::v1::Cause cause, absl::string_view text,
               Turn& turn);
  void Remove(Slot& slot, worker::v1::Cause cause, absl::string_view text,
              Turn& turn);
  void OnStarted(Slot& slot, Worker& worker, Turn& turn);
  void OnStopped(Slot& slot, Worker& worker, Turn& turn);
  // Every process of the pool; what moves its deadline is taken note of.
  template <typename Do>
  void ForEachWorker(const Turn& turn, Do action) const {
    for (const Slot& slot : slots_) {
      for (Incarnation process :
           {slot.incumbent, slot.successor, slot.outgoing}) {
        Worker* worker = turn.Find(process);
        if (worker == nullptr) continue;
        action(*worker);
        turn.SyncTimer(*worker);
      }
    }
  }
  // What follows from any change: the way of a reload.
  void Follow(Turn& turn);
  void SyncReadyTimer(Slot& slot, Turn& turn) const;
  void SyncPoolTimer(Turn& turn);

  // replacement.cc: the one mechanism that fills a slot.
  void BeginReplacement(Slot& slot, Replacement replacement, Turn& turn);
  void ProveReady(Slot& slot, Turn& turn);
  void BecomeReady(Slot& slot, Turn& turn);
  void Promote(Slot& slot, Turn& turn);
  void CallOffReplacement(Slot& slot, Turn& turn);
  void ReplacementDone(Slot& slot, Turn& turn);
  void WantSuccessor(const Slot& slot, Turn& turn) const;
  absl::Duration MinReadyTime() const;

  // pool_views.cc: reading.
  WorkerView VacancyView(const Slot& slot) const;
  std::optional<WorkerView> ProcessView(const Slot& slot,
                                        Incarnation incarnation,
                                        const Workers& workers) const;

  // pool_state.cc: written out and read back.
  static void WriteRun(const Run& from, state::v1::Run* to);
  Run ReadRun(const state::v1::Run& from, StateErrors& errors) const;
  Rollout ReadRollout(const state::v1::Rollout& from,
                      StateErrors& errors) const;
  void ReadGenerations(const state::v1::Pool& from, StateErrors& errors);

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
  bool IsPermanent(const Exit& exit) const;
  void Carry(const Verdict& verdict, Slot& slot,
             const std::shared_ptr<const Exit>& exit, Turn& turn);
  std::string NextText(const Verdict& verdict, const Slot& slot) const;
  void FailOperation(Slot& slot, const std::shared_ptr<const Exit>& exit,
                     Turn& turn);
  void Restart(Slot& slot, absl::Duration delay, Turn& turn);
  void Leave(Slot& slot, Turn& turn);
  void OnReplacementFailed(Slot& slot, const std::shared_ptr<const Exit>& exit,
                           Turn& turn);
  void RefillAfterFailure(Slot& slot, Turn& turn);
  uint64_t MaxRestarts() const;
  std::string StartAgain() const;
  void FailPool(FailureReason reason, Failure failure, Turn& turn);

  // pool_operations.cc: operations but reload.
  Run& BeginRun(std::optional<Run>& run, OperationId operation,
                OperationKind kind);
  bool IsScale(const std::optional<Run>& run) const { return &run == &scale_; }
  // Whose `awaited` the slot's is; may hold nothing.
  std::optional<Run>& RunOf(const Slot& slot);
  void Await(std::optional<Run>& run, Slot& slot, Awaited what);
  void Satisfy(Slot& slot, Awaited what, Turn& turn);
  void ForgetAwaited(std::optional<Run>& run);
  void PhaseDone(std::optional<Run>& run, Turn& turn);
  void StartSlots(Turn& turn);
  void StartSlot(Slot& slot, Turn& turn);
  void FailRun(std::optional<Run>& run, Failure failure, Turn& turn);
  void TakeDownStart(Turn& turn);
  void TakeBackScale(Turn& turn);
  bool CancelRestart(const std::shared_ptr<const Failure>& why, Turn& turn);
  void OnRequest(Slot& slot, Worker& worker, Turn& turn);
  void Grant(Slot& slot, const Worker& worker, worker::v1::RequestKind kind,
             Turn& turn);
  void EndRun(std::optional<Run>& run, OperationState state,
              std::shared_ptr<const Failure> failure, Turn& turn);
  void SlotEmptied(Slot& slot, Turn& turn);

  // rollout.cc: reload by replacement, and its way back.
  Generation TargetGeneration() const;
  Tally Count(const Turn& turn) const;
  uint32_t MaxSurge() const;
  uint32_t MaxUnavailable() const;
  uint32_t Floor() const;
  bool CanSpare(Incarnation incarnation, const Tally& tally,
                const Turn& turn) const;
  bool OffTarget(const Slot& slot) const;
  bool ToBeReplaced(const Slot& slot) const;
  void PumpRollout(Turn& turn);
  void KeepToSurge(Turn& turn);
  bool CanaryIsOut() const;
  bool ReplaceNext(const Tally& tally, Turn& turn);
  void ReplaceInRollout(Slot& slot, Order order, Turn& turn);
  void ReleaseHeld(Turn& turn);
  void BeginBaking(Turn& turn);
  void RolloutSlotDone(Slot& slot, Turn& turn);
  void RolloutReplacementFailed(Slot& slot,
                                const std::shared_ptr<const Exit>& exit,
                                Turn& turn);
  void OnNoProgress(Turn& turn);
  void RollBack(Turn& turn);
  void RollBackSlot(Slot& slot, Turn& turn);
  void SwapBack(Slot& slot);
  void RollBackScaled(Slot& slot, Turn& turn);
  void RefillFrom(Slot& slot, Turn& turn);
  void FinishRollout(Turn& turn);
  void EndRollBack(absl::string_view why, Turn& turn);

  // in_place.cc: reload in the same processes.
  void PumpInPlace(Turn& turn);
  void OnReloaded(Slot& slot, Worker& worker, Turn& turn);
  void FailInPlace(const Slot& slot, FailureReason reason,
                   absl::string_view text, Turn& turn);

  uint32_t id_;
  std::string name_;
  PoolState state_ = PoolState::kStopped;
  uint32_t count_;
  PoolSettings settings_;
  std::map<Generation, GenerationData> generations_;
  Generation generation_ = 0;  // in force
  Generation last_generation_ = 0;
  // A slot stays where it is: its timer is known by its place.
  std::deque<Slot> slots_;
  Intensity intensity_;
  RestartSchedule restarts_due_;
  uint64_t restarts_ = 0;
  std::shared_ptr<const Failure> failure_;
  std::optional<Run> run_;
  // A scale: alone, or beside a reload.
  std::optional<Run> scale_;
  // Of the earliest of what it waits for as a whole.
  Timer timer_;
};

// "web/3" and the process behind it, for messages.
std::string Label(const Identity& worker);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_POOL_H_
