// What follows from facts about processes, from time, and from the end of a
// turn.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/supervisor_impl.h"

namespace drover::core {
namespace {

// A deadline that the supervisor looks at so much too late was missed by the
// supervisor, not by the worker.
constexpr absl::Duration kPause = absl::Milliseconds(500);
// For what is waiting to be read then.
constexpr absl::Duration kSettle = absl::Milliseconds(500);

}  // namespace

void Supervisor::Impl::On(const Spawned& fact, Turn& turn) {
  if (Worker* worker = turn.Find(fact.incarnation)) {
    worker->OnSpawned(fact.pid, turn.context());
    turn.SyncTimer(*worker);
  }
}

void Supervisor::Impl::On(const TimePassed&, Turn& turn) {
  while (auto key = world_.timers.PopDue(turn.now)) {
    pools_touched_ |= key->kind != TimerKey::Kind::kWorker;
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
      case TimerKey::Kind::kPool:
        if (Pool* pool = PoolById(static_cast<uint32_t>(key->owner))) {
          pool->OnPoolTimer(turn);
        }
        break;
      case TimerKey::Kind::kShutdown:
        shutdown_deadline_ = absl::InfiniteFuture();
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
  pools_touched_ = false;
  do {
    FollowOrder(turn);
  } while (FollowInitialStart(turn) || FollowShutdownWish(turn));
  PumpStarts(turn);
  FollowShutdown(turn);
  last_turn_ = turn.now;
}

bool Supervisor::Impl::FollowShutdownWish(Turn& turn) {
  if (!world_.shutdown_wanted) return false;
  ShutdownWish wish = *std::exchange(world_.shutdown_wanted, std::nullopt);
  // A start that fails has its own way down.
  if (shutdown_ != 0 || initial_ != 0) return false;
  exit_code_ = wish.exit_code;
  OperationId operation = NewOperation(
      OperationKind::kShutdown, "",
      absl::StrCat("shut down: ", wish.why.message), "policy", 0, turn);
  BeginShutdown(wish.why, Urgency::kGraceful, operation, turn);
  return true;
}

void Supervisor::Impl::AbsorbPause(Turn& turn) {
  const absl::Time since = std::max(world_.timers.Next(), last_turn_);
  if (turn.now - since < kPause || DROVER_FAULT(kBlamesForPauses)) return;
  const absl::Duration missed = turn.now - since + kSettle;
  for (const auto& [incarnation, worker] : world_.workers) {
    worker->Postpone(missed, turn.now);
    turn.SyncTimer(*worker);
  }
  for (auto& [id, pool] : pools_) pool.Postpone(missed, turn);
  if (shutdown_deadline_ != absl::InfiniteFuture()) {
    shutdown_deadline_ += missed;
    world_.timers.Set(shutdown_timer_, shutdown_deadline_);
  }
}

void Supervisor::Impl::PumpStarts(Turn& turn) {
  while (auto start = world_.starts.Pop()) {
    if (Pool* pool = PoolById(start->pool)) pool->OnStartTurn(*start, turn);
  }
}

bool Supervisor::Impl::FollowInitialStart(Turn& turn) {
  if (initial_ == 0) return false;
  const Operation* initial = world_.operations.Find(initial_);
  if (initial != nullptr && !IsFinal(initial->state)) return false;
  initial_ = 0;
  if (initial == nullptr || initial->state == OperationState::kSucceeded ||
      shutdown_ != 0) {
    return false;
  }
  exit_code_ = kExitStartFailed;
  Failure why = initial->failure != nullptr ? *initial->failure : Failure{};
  OperationId operation = NewOperation(
      OperationKind::kShutdown, "", absl::StrCat("shut down: the start failed"),
      "start", 0, turn);
  BeginShutdown(why, Urgency::kGraceful, operation, turn);
  return true;
}

void Supervisor::Impl::FollowShutdown(Turn& turn) {
  if (shutdown_ == 0 || finished_) return;
  while (world_.workers.size() < shutdown_processes_) {
    --shutdown_processes_;
    world_.operations.Advance(shutdown_, turn.effects);
  }
  if (!pools_.empty() && !DROVER_FAULT(kFinishesEarly)) return;
  finished_ = true;
  world_.timers.Set(shutdown_timer_, absl::InfiniteFuture());
  world_.operations.End(shutdown_, OperationState::kSucceeded, nullptr,
                        turn.now, turn.effects);
  turn.Emit(Finish{exit_code_});
}

}  // namespace drover::core
