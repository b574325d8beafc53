// What follows from facts about processes, from time, and from the end of a
// turn.
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/supervisor_impl.h"

namespace drover::core {

void Supervisor::Impl::On(const Spawned& fact, Turn& turn) {
  if (Worker* worker = turn.Find(fact.incarnation)) {
    worker->OnSpawned(fact.pid, turn.context());
    turn.SyncTimer(*worker);
  }
}

void Supervisor::Impl::On(const TimePassed&, Turn& turn) {
  while (auto key = world_.timers.PopDue(turn.now)) {
    switch (key->kind) {
      case TimerKey::Kind::kWorker:
        Apply(key->owner, turn, [&](Worker& worker) {
          return worker.OnDeadline(turn.context());
        });
        break;
      case TimerKey::Kind::kSlot:
        if (Pool* pool = PoolById(static_cast<uint32_t>(key->owner))) {
          pool->OnSlotTimer(key->slot, turn);
        }
        break;
      case TimerKey::Kind::kShutdown:
        exit_code_ = kExitForced;
        TurnHard(FailureReason::kDeadline,
                 absl::StrCat("not drained within ",
                              absl::FormatDuration(options_.shutdown_timeout)),
                 turn);
        break;
    }
  }
}

// What follows from a turn, in the order in which it follows.
void Supervisor::Impl::EndTurn(Turn& turn) {
  if (world_.shutdown_wanted) {
    Failure why = *std::exchange(world_.shutdown_wanted, std::nullopt);
    if (shutdown_ == 0) {
      exit_code_ = kExitPolicy;
      OperationId operation = NewOperation(
          OperationKind::kShutdown, "",
          absl::StrCat("shut down: ", why.message), "policy", 0, turn);
      BeginShutdown(why, /*hard=*/false, operation, turn);
    }
  }
  FollowInitialStart(turn);
  PumpStarts(turn);
  DropRemovedPools(turn);
  FollowShutdown(turn);
}

void Supervisor::Impl::PumpStarts(Turn& turn) {
  while (auto start = world_.starts.Pop()) {
    if (Pool* pool = PoolById(start->pool)) pool->OnStartTurn(*start, turn);
  }
}

void Supervisor::Impl::DropRemovedPools(Turn& turn) {
  for (auto it = pools_.begin(); it != pools_.end();) {
    Pool& pool = it->second;
    if (pool.state() != PoolState::kRemoving || pool.processes() > 0 ||
        pool.operation() != 0) {
      ++it;
      continue;
    }
    std::string name = pool.name();
    it = pools_.erase(it);
    turn.Emit(RetirePool{name});
    turn.Emit(Notify{PoolRemoved{name}});
  }
}

void Supervisor::Impl::FollowInitialStart(Turn& turn) {
  if (initial_ == 0) return;
  const Operation* initial = world_.operations.Find(initial_);
  if (initial != nullptr && !IsFinal(initial->state)) return;
  initial_ = 0;
  if (initial == nullptr || initial->state == OperationState::kSucceeded ||
      shutdown_ != 0) {
    return;
  }
  exit_code_ = kExitStartFailed;
  Failure why = initial->failure != nullptr ? *initial->failure : Failure{};
  OperationId operation = NewOperation(
      OperationKind::kShutdown, "", absl::StrCat("shut down: the start failed"),
      "start", 0, turn);
  BeginShutdown(why, /*hard=*/false, operation, turn);
}

void Supervisor::Impl::FollowShutdown(Turn& turn) {
  if (shutdown_ == 0 || finished_) return;
  while (world_.workers.size() < shutdown_processes_) {
    --shutdown_processes_;
    world_.operations.Advance(shutdown_, turn.effects);
  }
  if (!pools_.empty()) return;
  finished_ = true;
  world_.timers.Set(TimerKey::Shutdown(), absl::InfiniteFuture());
  world_.operations.End(shutdown_, OperationState::kSucceeded, nullptr,
                        turn.now, turn.effects);
  turn.Emit(Finish{exit_code_});
}

}  // namespace drover::core
