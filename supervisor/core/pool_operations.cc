// The operations on a pool: what each sets going, what it waits for, and how it
// is undone.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/pool.h"

namespace drover::core {

using worker::v1::Cause;

Pool::Run& Pool::BeginRun(OperationId operation, OperationKind kind) {
  Run& run = run_.emplace();
  run.operation = operation;
  run.kind = kind;
  return run;
}

void Pool::Await(Slot& slot, Awaited what) {
  slot.awaited = what;
  ++run_->pending;
}

void Pool::Satisfy(Slot& slot, Awaited what, Turn& turn) {
  if (!run_ || slot.awaited != what || what == Awaited::kNone) return;
  slot.awaited = Awaited::kNone;
  if (!run_->back) {
    turn.world.operations.Advance(run_->operation, turn.effects);
  }
  if (--run_->pending == 0) PhaseDone(turn);
}

void Pool::ForgetAwaited() {
  for (Slot& slot : slots_) slot.awaited = Awaited::kNone;
  if (run_) run_->pending = 0;
}

// A slot may have become empty: of interest to whoever waits for that.
void Pool::SlotEmptied(Slot& slot, Turn& turn) {
  if (slot.has_process()) return;
  const bool removing = slot.removing;
  if (run_ && run_->rollout && run_->back && removing) {
    RolloutSlotDone(slot, turn);
  } else {
    Satisfy(slot, Awaited::kGone, turn);
  }
  if (removing) TrimSlots(turn);
}

// Nothing is awaited any more.
void Pool::PhaseDone(Turn& turn) {
  if (run_->back) {
    if (run_->kind == OperationKind::kStart) {
      failure_ = run_->failure;
      SetState(PoolState::kFailed, turn);
    }
    EndRun(run_->kind == OperationKind::kScale ? OperationState::kRolledBack
                                               : OperationState::kFailed,
           run_->failure, turn);
    return;
  }
  if (run_->kind == OperationKind::kStart) SetState(PoolState::kRunning, turn);
  if (run_->kind == OperationKind::kStop) SetState(PoolState::kStopped, turn);
  EndRun(OperationState::kSucceeded, nullptr, turn);
}

void Pool::EndRun(OperationState state, std::shared_ptr<const Failure> failure,
                  Turn& turn) {
  ForgetAwaited();
  OperationId operation = run_->operation;
  run_.reset();
  turn.world.operations.End(operation, state, std::move(failure), turn.now,
                            turn.effects);
  RetireUnused(turn);
}

void Pool::BeginStart(OperationId operation, Turn& turn) {
  BeginRun(operation, OperationKind::kStart);
  if (state_ != PoolState::kRunning) SetState(PoolState::kStarting, turn);
  failure_.reset();
  intensity_.Reset();
  while (slots_.size() < count_) AddSlot(generation_, turn);
  for (Slot& slot : slots_) {
    if (slot.removing) continue;
    const Worker* incumbent = turn.Find(slot.incumbent);
    if (incumbent != nullptr && incumbent->state() == WorkerState::kStarted &&
        incumbent->goal() == Goal::kRun) {
      continue;
    }
    slot.restarts = 0;
    slot.backoff.Reset();
    Await(slot, Awaited::kStarted);
  }
  turn.world.operations.SetTotal(operation, run_->pending, turn.effects);
  if (run_->pending == 0) {
    PhaseDone(turn);
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
    slot.generation = generation_;
    WantProcess(slot, turn);
    return;
  }
  if (incumbent->goal() == Goal::kQuit) return;  // a new one follows its end
  if (incumbent->state() == WorkerState::kStopped &&
      !incumbent->Has(worker::v1::CAPABILITY_RESUME)) {
    BeginReplacement(slot,
                     {.order = Order::kStopFirst,
                      .generation = generation_,
                      .cause = worker::v1::CAUSE_RESTART,
                      .text = "it cannot start again in the same process"},
                     turn);
    return;
  }
  SetGoal(slot.incumbent, Goal::kRun, worker::v1::CAUSE_UNSPECIFIED, "", turn);
}

void Pool::BeginScale(OperationId operation, uint32_t count, Turn& turn) {
  BeginRun(operation, OperationKind::kScale).former_count = count_;
  count_ = count;
  while (slots_.size() < count) AddSlot(generation_, turn);
  std::vector<uint32_t> coming;
  for (Slot& slot : slots_) {
    if (slot.index >= count) {
      Await(slot, Awaited::kGone);
    } else if (slot.removing || slot.index >= run_->former_count) {
      slot.removing = false;
      coming.push_back(slot.index);
      Await(slot, Awaited::kStarted);
    }
  }
  turn.world.operations.SetTotal(operation, run_->pending, turn.effects);
  if (run_->pending == 0) {
    PhaseDone(turn);
    return;
  }
  for (uint32_t index : coming) StartSlot(slots_[index], turn);
  // From the back, as TrimSlots takes them away.
  for (size_t index = slots_.size(); index > count; --index) {
    Slot& slot = slots_[index - 1];
    Remove(slot, worker::v1::CAUSE_SCALE_DOWN, "scale down", turn);
    SlotEmptied(slot, turn);
    if (!run_) return;
  }
}

void Pool::Supersede(const Failure& why, Turn& turn) {
  EndRun(OperationState::kSuperseded, std::make_shared<const Failure>(why),
         turn);
}

void Pool::BeginRestart(OperationId operation, uint32_t index, Turn& turn) {
  BeginRun(operation, OperationKind::kRestart);
  Slot& slot = slots_[index];
  slot.backoff.Reset();
  Await(slot, Awaited::kReplaced);
  turn.world.operations.SetTotal(operation, 1, turn.effects);
  BeginReplacement(slot,
                   {.order = Order::kStartFirst,
                    .generation = generation_,
                    .cause = worker::v1::CAUSE_RESTART,
                    .text = "restart"},
                   turn);
}

void Pool::BeginStop(OperationId operation, Turn& turn) {
  BeginRun(operation, OperationKind::kStop);
  SetState(PoolState::kStopping, turn);
  for (Slot& slot : slots_) {
    if (slot.incumbent != 0) Await(slot, Awaited::kStopped);
  }
  turn.world.operations.SetTotal(operation, run_->pending, turn.effects);
  for (Slot& slot : slots_) {
    if (slot.incumbent == 0) Vacate(slot, VacancyKind::kStopped, turn);
    SetGoal(slot.incumbent, Goal::kStop, worker::v1::CAUSE_MAINTENANCE, "stop",
            turn);
  }
  if (run_ && run_->pending == 0) PhaseDone(turn);
}

void Pool::BeginRemove(OperationId operation, Cause cause, const Failure& why,
                       Turn& turn) {
  if (run_) {
    EndRun(OperationState::kCancelled, std::make_shared<const Failure>(why),
           turn);
  }
  SetState(PoolState::kRemoving, turn);
  if (operation != 0) {
    BeginRun(operation, OperationKind::kRemove);
    for (Slot& slot : slots_) {
      if (slot.has_process()) Await(slot, Awaited::kGone);
    }
    turn.world.operations.SetTotal(operation, run_->pending, turn.effects);
  }
  for (Slot& slot : slots_) {
    slot.removing = true;
    Dismiss(slot, cause, why.message, turn);
  }
  TrimSlots(turn);
  if (run_ && run_->pending == 0) PhaseDone(turn);
}

void Pool::FailRun(Failure failure, Turn& turn) {
  run_->failure = std::make_shared<const Failure>(std::move(failure));
  switch (run_->kind) {
    case OperationKind::kStart:
      TakeDownStart(turn);
      break;
    case OperationKind::kScale:
      TakeBackScale(turn);
      break;
    case OperationKind::kReload:
      RollBack(turn);
      break;
    default:
      EndRun(OperationState::kFailed, run_->failure, turn);
      break;
  }
}

// A start succeeds only as a whole: what came up goes down again.
void Pool::TakeDownStart(Turn& turn) {
  run_->back = true;
  turn.world.operations.SetRollingBack(run_->operation, turn.effects);
  ForgetAwaited();
  SetState(PoolState::kStopping, turn);
  for (Slot& slot : slots_) {
    if (slot.has_process()) Await(slot, Awaited::kGone);
  }
  for (Slot& slot : slots_) {
    Dismiss(slot, worker::v1::CAUSE_START_FAILED,
            "another worker of the pool failed to start", turn);
  }
  if (run_->pending == 0) PhaseDone(turn);
}

// A scale succeeds only as a whole: what was added goes again.
void Pool::TakeBackScale(Turn& turn) {
  run_->back = true;
  turn.world.operations.SetRollingBack(run_->operation, turn.effects);
  ForgetAwaited();
  count_ = std::min(count_, run_->former_count);
  for (size_t index = slots_.size(); index > count_; --index) {
    Slot& slot = slots_[index - 1];
    if (slot.has_process()) Await(slot, Awaited::kGone);
    Remove(slot, worker::v1::CAUSE_START_FAILED,
           "another worker of the scale failed to start", turn);
  }
  TrimSlots(turn);
  if (run_->pending == 0) PhaseDone(turn);
}

bool Pool::Cancel(const Failure& why, Turn& turn) {
  auto failure = std::make_shared<const Failure>(why);
  switch (run_->kind) {
    case OperationKind::kReload:
      if (run_->back) return false;
      FailRun(why, turn);
      return true;
    case OperationKind::kStart:
    case OperationKind::kScale:
      if (run_->back) return false;
      if (run_->kind == OperationKind::kStart) {
        SetState(PoolState::kRunning, turn);
      }
      EndRun(OperationState::kCancelled, failure, turn);
      return true;
    case OperationKind::kRestart:
      for (Slot& slot : slots_) {
        if (slot.awaited != Awaited::kReplaced) continue;
        if (slot.replacement && slot.replacement->promoted) return false;
        EndRun(OperationState::kCancelled, failure, turn);
        CallOffReplacement(slot, turn);
        return true;
      }
      return false;
    default:
      return false;
  }
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
  if (!incumbent || run_ || !Wanted(slot) || slot.replacement) {
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
    slot.leave_when_gone = true;
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
