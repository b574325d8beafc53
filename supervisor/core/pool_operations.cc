// The operations on a pool: what each sets going, what it waits for, and how it
// is undone.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/pool.h"

namespace drover::core {

using worker::v1::Cause;

Pool::Run& Pool::BeginRun(std::optional<Run>& run, OperationId operation,
                          OperationKind kind) {
  run.emplace();
  run->operation = operation;
  run->kind = kind;
  return *run;
}

std::optional<Pool::Run>& Pool::RunOf(const Slot& slot) {
  return slot.awaited_by_scale ? scale_ : run_;
}

void Pool::Await(std::optional<Run>& run, Slot& slot, Awaited what) {
  // What another run has awaited here will not come. (A rollout counts its
  // slots anew each time.)
  std::optional<Run>& former = RunOf(slot);
  if (slot.awaited != Awaited::kNone && former && !former->rollout &&
      former->pending > 0) {
    --former->pending;
  }
  slot.awaited = what;
  slot.awaited_by_scale = IsScale(run);
  ++run->pending;
}

void Pool::Satisfy(Slot& slot, Awaited what, Turn& turn) {
  std::optional<Run>& run = RunOf(slot);
  if (!run || slot.awaited != what || what == Awaited::kNone) return;
  slot.awaited = Awaited::kNone;
  slot.awaited_by_scale = false;
  if (!run->back) {
    turn.world.operations.Advance(run->operation, turn.effects);
  }
  if (--run->pending == 0) PhaseDone(run, turn);
}

void Pool::ForgetAwaited(std::optional<Run>& run) {
  for (Slot& slot : slots_) {
    if (slot.awaited_by_scale != IsScale(run)) continue;
    slot.awaited = Awaited::kNone;
    slot.awaited_by_scale = false;
  }
  if (run) run->pending = 0;
}

// A slot may have become empty: of interest to whoever waits for that.
void Pool::SlotEmptied(Slot& slot, Turn& turn) {
  if (slot.has_process()) return;
  const bool removing = slot.removing;
  if (removing && slot.awaited == Awaited::kReplaced) {
    RolloutSlotDone(slot, turn);
  } else {
    if (!DROVER_FAULT(kOperationForgotten)) {
      Satisfy(slot, Awaited::kGone, turn);
    }
  }
  if (removing) TrimSlots();
}

// Nothing is awaited any more.
void Pool::PhaseDone(std::optional<Run>& run, Turn& turn) {
  const OperationKind kind = run->kind;
  if (run->back) {
    if (kind == OperationKind::kStart) {
      failure_ = run->failure;
      SetState(PoolState::kFailed, turn);
    }
    EndRun(run,
           kind == OperationKind::kScale ? OperationState::kRolledBack
                                         : OperationState::kFailed,
           run->failure, turn);
    return;
  }
  if (kind == OperationKind::kStart) SetState(PoolState::kRunning, turn);
  if (kind == OperationKind::kStop) SetState(PoolState::kStopped, turn);
  EndRun(run, OperationState::kSucceeded, nullptr, turn);
}

void Pool::EndRun(std::optional<Run>& run, OperationState state,
                  std::shared_ptr<const Failure> failure, Turn& turn) {
  ForgetAwaited(run);
  const OperationId operation = run->operation;
  const bool releases = run->rollout.has_value();
  run.reset();
  // Nobody counts any more whether the pool can do without them.
  if (releases) ReleaseHeld(turn);
  turn.world.operations.End(operation, state, std::move(failure), turn.now,
                            turn.effects);
  RetireUnused(turn);
  SyncPoolTimer(turn);
}

void Pool::AbandonRuns(const Failure& why, Turn& turn) {
  auto shared = std::make_shared<const Failure>(why);
  if (run_) EndRun(run_, OperationState::kCancelled, shared, turn);
  if (scale_) EndRun(scale_, OperationState::kCancelled, shared, turn);
  // Nobody is there any more to follow what has not come yet.
  for (Slot& slot : slots_) {
    if (slot.awaits_successor()) CallOffReplacement(slot, turn);
  }
}

void Pool::BeginStart(OperationId operation, Turn& turn) {
  BeginRun(run_, operation, OperationKind::kStart);
  StartSlots(turn);
}

void Pool::BeginWait(OperationId operation, Turn& turn) {
  BeginRun(run_, operation, OperationKind::kStart).former = state_;
  turn.world.operations.SetTotal(operation, count_, turn.effects);
  failure_.reset();
  SetState(PoolState::kWaiting, turn);
}

void Pool::ContinueStart(Turn& turn) { StartSlots(turn); }

// A pool that was stopped in place is so again.
void Pool::FailStart(const Failure& why, Turn& turn) {
  auto failure = std::make_shared<const Failure>(why);
  if (run_->former == PoolState::kStopped && processes() > 0) {
    SetState(PoolState::kStopped, turn);
  } else {
    failure_ = failure;
    SetState(PoolState::kFailed, turn);
  }
  EndRun(run_, OperationState::kFailed, failure, turn);
}

void Pool::StartSlots(Turn& turn) {
  if (state_ != PoolState::kRunning) SetState(PoolState::kStarting, turn);
  failure_.reset();
  intensity_.Reset();
  while (slots_.size() < count_) AddSlot(generation_, turn);
  for (Slot& slot : slots_) {
    if (slot.removing) continue;
    const Worker* incumbent = turn.Find(slot.incumbent);
    if (incumbent != nullptr && incumbent->serves()) continue;
    slot.restarts = 0;
    slot.backoff.Reset();
    Await(run_, slot, Awaited::kStarted);
  }
  turn.world.operations.SetTotal(run_->operation, run_->pending, turn.effects);
  if (run_->pending == 0) {
    PhaseDone(run_, turn);
    return;
  }
  for (Slot& slot : slots_) {
    if (slot.awaited == Awaited::kStarted) StartSlot(slot, turn);
  }
}

// From whatever the slot is in to STARTED.
void Pool::StartSlot(Slot& slot, Turn& turn) {
  Worker* incumbent = turn.Find(slot.incumbent);
  if (incumbent == nullptr) {
    slot.generation = TargetGeneration();
    WantProcess(slot, turn);
    return;
  }
  if (incumbent->goal() == Goal::kQuit) {
    slot.leaving = 0;  // a new one follows its end
    return;
  }
  if (incumbent->state() == WorkerState::kStopped &&
      !incumbent->Has(worker::v1::CAPABILITY_RESUME)) {
    BeginReplacement(slot,
                     {.order = Order::kStopFirst,
                      .generation = TargetGeneration(),
                      .cause = worker::v1::CAUSE_RESTART,
                      .text = "it cannot start again in the same process"},
                     turn);
    return;
  }
  SetGoal(slot.incumbent, Goal::kRun, worker::v1::CAUSE_UNSPECIFIED, "", turn);
}

void Pool::BeginScale(OperationId operation, uint32_t count, Turn& turn) {
  Run& run = BeginRun(scale_, operation, OperationKind::kScale);
  Rollout* rollout = run_ && run_->rollout ? &*run_->rollout : nullptr;
  run.former_count = rollout != nullptr ? rollout->new_count : count_;
  count_ = count;
  if (rollout != nullptr) rollout->new_count = count;
  while (slots_.size() < count) AddSlot(TargetGeneration(), turn);
  std::vector<uint32_t> coming;
  for (Slot& slot : slots_) {
    if (slot.index >= count) {
      Await(scale_, slot, Awaited::kGone);
    } else if (slot.removing || slot.index >= run.former_count) {
      slot.removing = false;
      // The surplus of a reload to fewer may serve still.
      const Worker* incumbent = turn.Find(slot.incumbent);
      if (incumbent != nullptr && incumbent->serves()) continue;
      coming.push_back(slot.index);
      Await(scale_, slot, Awaited::kStarted);
    }
  }
  turn.world.operations.SetTotal(operation, run.pending, turn.effects);
  if (run.pending == 0) {
    PhaseDone(scale_, turn);
    return;
  }
  for (uint32_t index : coming) StartSlot(slots_[index], turn);
  // From the back, as TrimSlots takes them away.
  for (size_t index = slots_.size(); index > count; --index) {
    Slot& slot = slots_[index - 1];
    Remove(slot, worker::v1::CAUSE_SCALE_DOWN, "scale down", turn);
    SlotEmptied(slot, turn);
    if (!scale_) break;
  }
  Follow(turn);
}

void Pool::SupersedeScale(const Failure& why, Turn& turn) {
  EndRun(scale_, OperationState::kSuperseded,
         std::make_shared<const Failure>(why), turn);
}

void Pool::BeginRestart(OperationId operation, uint32_t index, Turn& turn) {
  BeginRun(run_, operation, OperationKind::kRestart);
  Slot& slot = slots_[index];
  slot.backoff.Reset();
  Await(run_, slot, Awaited::kReplaced);
  turn.world.operations.SetTotal(operation, 1, turn.effects);
  BeginReplacement(slot,
                   {.order = Order::kStartFirst,
                    .generation = generation_,
                    .cause = worker::v1::CAUSE_RESTART,
                    .text = "restart"},
                   turn);
}

void Pool::BeginStop(OperationId operation, Turn& turn) {
  BeginRun(run_, operation, OperationKind::kStop);
  SetState(PoolState::kStopping, turn);
  for (Slot& slot : slots_) {
    if (slot.incumbent != 0) Await(run_, slot, Awaited::kStopped);
  }
  turn.world.operations.SetTotal(operation, run_->pending, turn.effects);
  for (Slot& slot : slots_) {
    if (slot.incumbent == 0) Vacate(slot, VacancyKind::kStopped, turn);
    SetGoal(slot.incumbent, Goal::kStop, worker::v1::CAUSE_MAINTENANCE, "stop",
            turn);
  }
  if (run_ && run_->pending == 0) PhaseDone(run_, turn);
}

void Pool::ReserveForRemoval(OperationId operation) {
  BeginRun(run_, operation, OperationKind::kRemove);
}

void Pool::BeginRemove(OperationId operation, Cause cause, const Failure& why,
                       Turn& turn) {
  if (!run_ || run_->operation != operation) AbandonRuns(why, turn);
  SetState(PoolState::kRemoving, turn);
  if (operation != 0) {
    BeginRun(run_, operation, OperationKind::kRemove);
    for (Slot& slot : slots_) {
      if (slot.has_process()) Await(run_, slot, Awaited::kGone);
    }
    turn.world.operations.SetTotal(operation, run_->pending, turn.effects);
  }
  for (Slot& slot : slots_) {
    slot.removing = true;
    Dismiss(slot, cause, why.message, turn);
  }
  TrimSlots();
  if (run_ && run_->pending == 0) PhaseDone(run_, turn);
}

void Pool::FailRun(std::optional<Run>& run, Failure failure, Turn& turn) {
  run->failure = std::make_shared<const Failure>(std::move(failure));
  switch (run->kind) {
    case OperationKind::kStart:
      // A pool that runs already keeps what it has.
      if (state_ == PoolState::kStarting) {
        TakeDownStart(turn);
        return;
      }
      break;
    case OperationKind::kScale:
      TakeBackScale(turn);
      return;
    case OperationKind::kReload:
      if (run->rollout) {
        RollBack(turn);
        return;
      }
      break;
    default:
      break;
  }
  EndRun(run, OperationState::kFailed, run->failure, turn);
}

// A start succeeds only as a whole.
void Pool::TakeDownStart(Turn& turn) {
  run_->back = true;
  turn.world.operations.SetRollingBack(run_->operation, turn.effects);
  ForgetAwaited(run_);
  SetState(PoolState::kStopping, turn);
  for (Slot& slot : slots_) {
    if (slot.has_process()) Await(run_, slot, Awaited::kGone);
  }
  for (Slot& slot : slots_) {
    Dismiss(slot, worker::v1::CAUSE_START_FAILED,
            "another worker of the pool failed to start", turn);
  }
  if (run_->pending == 0) PhaseDone(run_, turn);
}

// A scale succeeds only as a whole: what was added goes again.
void Pool::TakeBackScale(Turn& turn) {
  scale_->back = true;
  turn.world.operations.SetRollingBack(scale_->operation, turn.effects);
  ForgetAwaited(scale_);
  count_ = std::min(count_, scale_->former_count);
  if (run_ && run_->rollout) run_->rollout->new_count = count_;
  for (size_t index = slots_.size(); index > count_; --index) {
    Slot& slot = slots_[index - 1];
    if (slot.has_process()) Await(scale_, slot, Awaited::kGone);
    Remove(slot, worker::v1::CAUSE_START_FAILED,
           "another worker of the scale failed to start", turn);
  }
  TrimSlots();
  if (scale_->pending == 0) PhaseDone(scale_, turn);
}

bool Pool::Cancel(OperationId operation, const Failure& why, Turn& turn) {
  auto failure = std::make_shared<const Failure>(why);
  if (scale_ && scale_->operation == operation) {
    if (scale_->back) return false;
    EndRun(scale_, OperationState::kCancelled, failure, turn);
    return true;
  }
  if (run_->back) return false;
  switch (run_->kind) {
    case OperationKind::kReload:
      if (run_->rollout) {
        FailRun(run_, why, turn);
      } else if (run_->in_place) {
        EndRun(run_, OperationState::kCancelled, failure, turn);
      } else {
        return false;  // the new generation is in force
      }
      Follow(turn);
      return true;
    case OperationKind::kStart:
      // What is there stays; of a start that still waits for other pools that
      // is nothing.
      SetState(state_ == PoolState::kWaiting ? PoolState::kStopped
                                             : PoolState::kRunning,
               turn);
      EndRun(run_, OperationState::kCancelled, failure, turn);
      return true;
    case OperationKind::kRestart:
      return CancelRestart(failure, turn);
    default:
      return false;
  }
}

bool Pool::CancelRestart(const std::shared_ptr<const Failure>& why,
                         Turn& turn) {
  for (Slot& slot : slots_) {
    if (slot.awaited != Awaited::kReplaced) continue;
    if (slot.replacement && slot.replacement->promoted) return false;
    EndRun(run_, OperationState::kCancelled, why, turn);
    CallOffReplacement(slot, turn);
    return true;
  }
  return false;
}

void Pool::OnRequest(Slot& slot, Worker& worker, Turn& turn) {
  auto asked = worker.TakeRequest();
  if (!asked) return;
  auto answer = [&](worker::v1::ResultCode code, absl::string_view text) {
    worker.Answer(asked->op, code, text, turn.context());
  };
  const bool incumbent =
      RoleOf(slot, worker.incarnation()) == WorkerRole::kIncumbent;
  const bool known = asked->kind != worker::v1::REQUEST_KIND_UNSPECIFIED &&
                     worker::v1::RequestKind_IsValid(asked->kind);
  if (!known) {
    answer(worker::v1::RESULT_CODE_UNIMPLEMENTED, "");
    return;
  }
  if (!incumbent || run_ || scale_ || !Wanted(slot) || slot.replacement) {
    answer(worker::v1::RESULT_CODE_DENIED, "an operation is under way");
    return;
  }
  if (asked->kind == worker::v1::REQUEST_KIND_STOP) {
    answer(worker::v1::RESULT_CODE_DENIED,
           "a single worker is not stopped in place");
    return;
  }
  answer(worker::v1::RESULT_CODE_OK, "");
  Grant(slot, worker, asked->kind, turn);
}

void Pool::Grant(Slot& slot, const Worker& worker, worker::v1::RequestKind kind,
                 Turn& turn) {
  if (kind == worker::v1::REQUEST_KIND_QUIT) {
    slot.leaving = slot.incumbent;
    SetGoal(slot.incumbent, Goal::kQuit, worker::v1::CAUSE_RESTART,
            "as it asked", turn);
    return;
  }
  const bool reload = kind == worker::v1::REQUEST_KIND_RELOAD;
  const std::string label = Label(worker.identity());
  Operation operation;
  operation.kind = reload ? OperationKind::kReload : OperationKind::kRestart;
  operation.pool = name_;
  operation.plan = absl::StrCat(
      reload ? absl::StrCat("reload pool ", name_) : "replace " + label,
      ", as ", label, " asked");
  operation.caller = absl::StrCat("worker ", label);
  operation.created = turn.now;
  const OperationId id =
      turn.world.operations.Begin(std::move(operation), turn.effects).id;
  if (reload) {
    config::v1::Pool same = spec();
    same.set_count(count_);
    BeginReload(id, same, turn);
  } else {
    BeginRestart(id, slot.index, turn);
  }
}

}  // namespace drover::core
