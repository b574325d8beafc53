#include "supervisor/core/supervisor.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "supervisor/core/messages.h"
#include "supervisor/core/pool.h"
#include "supervisor/core/world.h"

namespace drover::core {
namespace {

// Exit codes of the supervisor (docs/cli.md).
constexpr int kExitOk = 0;
constexpr int kExitStartFailed = 1;
constexpr int kExitPolicy = 3;
constexpr int kExitForced = 4;

constexpr uint32_t kCountMax = 4096;
constexpr size_t kWaitingMax = 16;

absl::Status UnknownPool(absl::string_view pool) {
  return Refuse(absl::StatusCode::kNotFound,
                absl::StrCat("no pool \"", pool, "\""),
                {"UNKNOWN_POOL", "pool", "list the pools with: drover status"});
}

absl::Status UnknownSlot(absl::string_view pool, uint32_t slot,
                         uint32_t count) {
  return Refuse(absl::StatusCode::kNotFound,
                absl::StrCat("pool ", pool, " has no slot ", slot),
                {"UNKNOWN_SLOT", "slot",
                 absl::StrCat("slots go from 0 to ", count == 0 ? 0 : count - 1,
                              "; see: drover status ", pool)});
}

absl::Status ShuttingDown() {
  return Refuse(absl::StatusCode::kFailedPrecondition,
                "the supervisor shuts down",
                {"SHUTTING_DOWN", "", "wait for it and start it again"});
}

absl::Status WrongState(const Pool& pool, absl::string_view wish,
                        absl::string_view remedy) {
  return Refuse(absl::StatusCode::kFailedPrecondition,
                absl::StrCat("pool ", pool.name(), " is ", Name(pool.state()),
                             ": ", wish),
                {"WRONG_STATE", "pool", std::string(remedy)});
}

absl::Status Busy(const Pool& pool) {
  return Refuse(
      absl::StatusCode::kAborted,
      absl::StrCat("operation op-", pool.operation(), " (",
                   Name(pool.operation_kind()), ") runs on pool ", pool.name()),
      {"OPERATION_RUNNING", "pool",
       absl::StrCat("wait for it (drover operations watch op-",
                    pool.operation(),
                    ") or cancel it (drover operations "
                    "cancel op-",
                    pool.operation(), ")")});
}

absl::Status CheckCount(uint32_t count) {
  if (count >= 1 && count <= kCountMax) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("count ", count, " is out of range"),
      {"COUNT_OUT_OF_RANGE", "count",
       absl::StrCat("give 1..", kCountMax, "; to have none, stop the pool")});
}

}  // namespace

class Supervisor::Impl {
 public:
  explicit Impl(Options options)
      : options_(std::move(options)),
        world_(options_.version, options_.max_parallel_starts, options_.seed) {}

  void Handle(const Event& event, Turn& turn) {
    std::visit([&](const auto& fact) { On(fact, turn); }, event);
    EndTurn(turn);
  }

  absl::StatusOr<OperationId> Submit(const Command& command,
                                     absl::string_view caller, Turn& turn) {
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
  OperationId NewOperation(OperationKind kind, absl::string_view pool,
                           std::string plan, absl::string_view caller,
                           OperationId parent, Turn& turn);
  // The pool, where nothing runs on it.
  absl::StatusOr<Pool*> FindFree(absl::string_view name);
  void BeginShutdown(const Failure& why, bool hard, OperationId operation,
                     Turn& turn);
  void TurnHard(FailureReason cause, absl::string_view text, Turn& turn);

  void EndTurn(Turn& turn);
  void PumpStarts(Turn& turn);
  void DropRemovedPools(Turn& turn);
  void FollowInitialStart(Turn& turn);
  void FollowShutdown(Turn& turn);

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
  bool hard_ = false;
  int exit_code_ = kExitOk;
  bool finished_ = false;
};

// Facts -----------------------------------------------------------------------

template <typename Input>
void Supervisor::Impl::Apply(Incarnation incarnation, Turn& turn, Input input) {
  Worker* worker = turn.Find(incarnation);
  if (worker == nullptr) return;
  Outcome outcome = input(*worker);
  turn.SyncTimer(*worker);
  if (outcome != Outcome::kNone) {
    if (Pool* pool = FindPool(worker->identity().pool)) {
      pool->OnOutcome(*worker, outcome, turn);
    }
  }
  if (outcome == Outcome::kEnded) world_.workers.erase(incarnation);
}

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

// Commands --------------------------------------------------------------------

Pool* Supervisor::Impl::FindPool(absl::string_view name) {
  for (auto& [id, pool] : pools_) {
    if (pool.name() == name) return &pool;
  }
  return nullptr;
}

const Pool* Supervisor::Impl::Find(absl::string_view name) const {
  return const_cast<Impl*>(this)->FindPool(name);
}

Pool* Supervisor::Impl::PoolById(uint32_t id) {
  auto it = pools_.find(id);
  return it == pools_.end() ? nullptr : &it->second;
}

absl::StatusOr<Pool*> Supervisor::Impl::FindFree(absl::string_view name) {
  if (shutdown_ != 0) return ShuttingDown();
  Pool* pool = FindPool(name);
  if (pool == nullptr) return UnknownPool(name);
  if (pool->operation() != 0) return Busy(*pool);
  return pool;
}

OperationId Supervisor::Impl::NewOperation(OperationKind kind,
                                           absl::string_view pool,
                                           std::string plan,
                                           absl::string_view caller,
                                           OperationId parent, Turn& turn) {
  Operation operation;
  operation.kind = kind;
  operation.pool = std::string(pool);
  operation.plan = std::move(plan);
  operation.caller = std::string(caller);
  operation.created = turn.now;
  operation.parent = parent;
  operation.assembling = kind == OperationKind::kApply;
  return world_.operations.Begin(std::move(operation), turn.effects).id;
}

absl::Status Supervisor::Impl::CheckChange(const PoolChange& change) const {
  const Pool* pool = Find(change.spec.name());
  if (change.kind == PoolChangeKind::kAdd) {
    if (pool == nullptr) return CheckCount(change.spec.count());
    return Refuse(absl::StatusCode::kFailedPrecondition,
                  absl::StrCat("pool ", pool->name(), " is there already, ",
                               Name(pool->state())),
                  {"POOL_EXISTS", "pools", "wait until it is gone"});
  }
  if (pool == nullptr) return UnknownPool(change.spec.name());
  if (change.kind == PoolChangeKind::kUpdate) return absl::OkStatus();
  if (pool->operation() != 0) return Busy(*pool);
  if (change.kind == PoolChangeKind::kRemove) return absl::OkStatus();
  if (pool->state() != PoolState::kRunning &&
      pool->state() != PoolState::kFailed) {
    return WrongState(
        *pool, "it cannot be changed now",
        absl::StrCat("start it first: drover start ", pool->name()));
  }
  return CheckCount(change.spec.count());
}

absl::Status Supervisor::Impl::CheckApply(const core::Apply& wish) const {
  if (shutdown_ != 0) return ShuttingDown();
  for (const PoolChange& change : wish.changes) {
    if (absl::Status check = CheckChange(change); !check.ok()) return check;
  }
  return absl::OkStatus();
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const core::Apply& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  if (absl::Status check = CheckApply(wish); !check.ok()) return check;
  OperationId operation =
      NewOperation(OperationKind::kApply, "",
                   wish.changes.empty()
                       ? "nothing to change"
                       : absl::StrCat("change ", wish.changes.size(), " pools"),
                   caller, 0, turn);
  if (wish.initial) initial_ = operation;
  for (const PoolChange& change : wish.changes) {
    BeginChange(change, operation, caller, turn);
  }
  world_.operations.Assembled(operation, turn.now, turn.effects);
  return operation;
}

void Supervisor::Impl::BeginChange(const PoolChange& change, OperationId parent,
                                   absl::string_view caller, Turn& turn) {
  const std::string& name = change.spec.name();
  Pool* pool = FindPool(name);
  const bool revives = pool != nullptr && pool->state() == PoolState::kFailed &&
                       (change.kind == PoolChangeKind::kScale ||
                        change.kind == PoolChangeKind::kReload);
  if (revives) {
    pool->Adopt(change.spec);
    BeginStart(*pool, caller, parent, turn);
    return;
  }
  switch (change.kind) {
    case PoolChangeKind::kAdd: {
      uint32_t id = ++last_pool_;
      BeginStart(pools_.emplace(id, Pool(id, change.spec)).first->second,
                 caller, parent, turn);
      break;
    }
    case PoolChangeKind::kRemove:
      pool->BeginRemove(
          NewOperation(OperationKind::kRemove, name,
                       absl::StrCat("remove pool ", name), caller, parent,
                       turn),
          worker::v1::CAUSE_SHUTDOWN,
          Because(FailureReason::kSuperseded, "the pool is removed"), turn);
      break;
    case PoolChangeKind::kScale:
      pool->BeginScale(
          NewOperation(OperationKind::kScale, name,
                       absl::StrCat("scale pool ", name, ": ", pool->count(),
                                    " -> ", change.spec.count()),
                       caller, parent, turn),
          change.spec.count(), turn);
      break;
    case PoolChangeKind::kReload:
      pool->BeginReload(
          NewOperation(OperationKind::kReload, name,
                       absl::StrCat("reload pool ", name, " with its new spec"),
                       caller, parent, turn),
          change.spec, turn);
      break;
    case PoolChangeKind::kUpdate:
      pool->Update(change.spec, turn);
      break;
  }
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const Scale& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  if (shutdown_ != 0) return ShuttingDown();
  Pool* pool = FindPool(wish.pool);
  if (pool == nullptr) return UnknownPool(wish.pool);
  if (absl::Status count = CheckCount(wish.count); !count.ok()) return count;
  const bool replaces =
      pool->operation() != 0 && pool->operation_kind() == OperationKind::kScale;
  if (pool->operation() != 0 && !replaces) return Busy(*pool);
  if (pool->state() != PoolState::kRunning) {
    return WrongState(
        *pool, "only a RUNNING pool is scaled",
        absl::StrCat("start it first: drover start ", pool->name()));
  }
  OperationId operation =
      NewOperation(OperationKind::kScale, pool->name(),
                   absl::StrCat("scale pool ", pool->name(), ": ",
                                pool->count(), " -> ", wish.count),
                   caller, 0, turn);
  if (replaces) {
    pool->Supersede(Because(FailureReason::kSuperseded,
                            absl::StrCat("op-", operation, " took over")),
                    turn);
  }
  pool->BeginScale(operation, wish.count, turn);
  return operation;
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const Reload& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  auto pool = FindFree(wish.pool);
  if (!pool.ok()) return pool.status();
  if ((*pool)->state() != PoolState::kRunning) {
    return WrongState(**pool, "only a RUNNING pool is reloaded",
                      absl::StrCat("start it first: drover start ", wish.pool));
  }
  config::v1::Pool same = (*pool)->spec();
  same.set_count((*pool)->count());
  OperationId operation =
      NewOperation(OperationKind::kReload, wish.pool,
                   absl::StrCat("reload pool ", wish.pool, ": replace ",
                                same.count(), " workers, start first"),
                   caller, 0, turn);
  (*pool)->BeginReload(operation, same, turn);
  return operation;
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const RestartWorker& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  auto pool = FindFree(wish.pool);
  if (!pool.ok()) return pool.status();
  if (!(*pool)->has_slot(wish.slot)) {
    return UnknownSlot(wish.pool, wish.slot, (*pool)->count());
  }
  if ((*pool)->state() != PoolState::kRunning) {
    return WrongState(**pool, "only a RUNNING pool's workers are restarted",
                      absl::StrCat("start it first: drover start ", wish.pool));
  }
  OperationId operation = NewOperation(
      OperationKind::kRestart, wish.pool,
      absl::StrCat("replace ", wish.pool, "/", wish.slot, ", start first"),
      caller, 0, turn);
  (*pool)->BeginRestart(operation, wish.slot, turn);
  return operation;
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const StopPool& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  auto pool = FindFree(wish.pool);
  if (!pool.ok()) return pool.status();
  if ((*pool)->state() != PoolState::kRunning) {
    return WrongState(**pool, "only a RUNNING pool is stopped",
                      absl::StrCat("see: drover status ", wish.pool));
  }
  OperationId operation = NewOperation(
      OperationKind::kStop, wish.pool,
      absl::StrCat("stop pool ", wish.pool, " in place"), caller, 0, turn);
  (*pool)->BeginStop(operation, turn);
  return operation;
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const StartPool& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  auto pool = FindFree(wish.pool);
  if (!pool.ok()) return pool.status();
  const PoolState state = (*pool)->state();
  if (state == PoolState::kRemoving ||
      (state == PoolState::kRunning && !(*pool)->idle_slots())) {
    return WrongState(**pool, "there is nothing to start",
                      absl::StrCat("see: drover status ", wish.pool));
  }
  return BeginStart(**pool, caller, 0, turn);
}

OperationId Supervisor::Impl::BeginStart(Pool& pool, absl::string_view caller,
                                         OperationId parent, Turn& turn) {
  OperationId operation = NewOperation(
      OperationKind::kStart, pool.name(),
      absl::StrCat("start pool ", pool.name(), ": ", pool.count(), " workers"),
      caller, parent, turn);
  pool.BeginStart(operation, turn);
  return operation;
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const Shutdown& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  if (shutdown_ != 0) {
    if (wish.hard) {
      TurnHard(FailureReason::kShutdown, "hard shutdown", turn);
    }
    return shutdown_;
  }
  OperationId operation = NewOperation(
      OperationKind::kShutdown, "",
      wish.hard ? "kill all workers, then end" : "drain all workers, then end",
      caller, 0, turn);
  BeginShutdown(Because(FailureReason::kShutdown, "the supervisor shuts down"),
                wish.hard, operation, turn);
  return operation;
}

void Supervisor::Impl::BeginShutdown(const Failure& why, bool hard,
                                     OperationId operation, Turn& turn) {
  shutdown_ = operation;
  shutdown_processes_ = static_cast<uint32_t>(world_.workers.size());
  world_.operations.SetTotal(operation, shutdown_processes_, turn.effects);
  world_.timers.Set(TimerKey::Shutdown(), turn.now + options_.shutdown_timeout);
  for (auto& [id, pool] : pools_) {
    pool.BeginRemove(0, worker::v1::CAUSE_SHUTDOWN, why, turn);
  }
  if (hard) TurnHard(FailureReason::kShutdown, "hard shutdown", turn);
}

void Supervisor::Impl::TurnHard(FailureReason cause, absl::string_view text,
                                Turn& turn) {
  if (hard_) return;
  hard_ = true;
  for (auto& [id, pool] : pools_) pool.KillAll(cause, text, turn);
}

absl::Status Supervisor::Impl::Cancel(OperationId id, absl::string_view caller,
                                      Turn& turn) {
  const Operation* operation = world_.operations.Find(id);
  if (operation == nullptr) {
    return Refuse(
        absl::StatusCode::kNotFound, absl::StrCat("no operation op-", id),
        {"UNKNOWN_OPERATION", "id", "list them with: drover operations"});
  }
  if (IsFinal(operation->state)) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat("op-", id, " has ended: ", Name(operation->state)),
        {"OPERATION_ENDED", "id", "there is nothing to cancel"});
  }
  Failure why =
      Because(FailureReason::kCancelled, absl::StrCat("cancelled by ", caller));
  // A family is cancelled by its members; those that cannot be go on.
  bool any = false;
  std::vector<OperationId> members = operation->children;
  members.push_back(id);
  for (auto& [pool_id, pool] : pools_) {
    bool concerned = std::find(members.begin(), members.end(),
                               pool.operation()) != members.end();
    if (pool.operation() != 0 && concerned) any |= pool.Cancel(why, turn);
  }
  EndTurn(turn);
  if (any) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition,
                absl::StrCat("op-", id, " cannot be cancelled any more"),
                {"NOT_CANCELLABLE", "id", "wait for its end"});
}

absl::Status Supervisor::Impl::Decide(absl::string_view name, uint32_t slot,
                                      config::v1::ExitAction action,
                                      Turn& turn) {
  Pool* pool = FindPool(name);
  if (pool == nullptr) return UnknownPool(name);
  if (!pool->Decide(slot, action, turn)) {
    return Refuse(absl::StatusCode::kNotFound,
                  absl::StrCat(name, "/", slot, " is not left FAILED"),
                  {"NOT_LEFT", "slot", "nothing is to be decided"});
  }
  EndTurn(turn);
  return absl::OkStatus();
}

absl::Status Supervisor::Impl::SendUserMessage(absl::string_view pool_name,
                                               uint32_t slot,
                                               absl::string_view topic,
                                               absl::string_view payload,
                                               Effects* effects) {
  const Pool* pool = Find(pool_name);
  if (pool == nullptr) return UnknownPool(pool_name);
  Incarnation incumbent = pool->incumbent(slot);
  auto worker = world_.workers.find(incumbent);
  if (worker == world_.workers.end()) {
    return UnknownSlot(pool_name, slot, pool->count());
  }
  if (!IsTopic(topic) || payload.size() > kPayloadMax) {
    return Refuse(
        absl::StatusCode::kInvalidArgument,
        "the topic or the payload is out of range",
        {"MESSAGE_TOO_LARGE", "payload",
         absl::StrCat("a topic like \"cache.flush\" and a payload of at most ",
                      kPayloadMax, " bytes")});
  }
  if (!worker->second->Has(worker::v1::CAPABILITY_USER_MESSAGES)) {
    return Refuse(
        absl::StatusCode::kFailedPrecondition,
        absl::StrCat(pool_name, "/", slot, " does not take user messages"),
        {"NO_CAPABILITY", "slot",
         "declare USER_MESSAGES in the worker's Hello"});
  }
  effects->push_back(Send{incumbent, UserMessage(topic, payload)});
  return absl::OkStatus();
}

// Views -----------------------------------------------------------------------

std::vector<PoolView> Supervisor::Impl::Pools() const {
  std::vector<PoolView> views;
  views.reserve(pools_.size());
  for (const auto& [id, pool] : pools_) {
    views.push_back(pool.View(world_.workers));
  }
  return views;
}

std::vector<PoolHealth> Supervisor::Impl::Health() const {
  std::vector<PoolHealth> health;
  for (const auto& [id, pool] : pools_) {
    health.push_back({pool.name(), pool.Serves(world_.workers)});
  }
  return health;
}

std::optional<WorkerView> Supervisor::Impl::FindIncarnation(
    Incarnation incarnation) const {
  auto it = world_.workers.find(incarnation);
  if (it == world_.workers.end()) return std::nullopt;
  const Identity& id = it->second->identity();
  const Pool* pool = Find(id.pool);
  if (pool == nullptr) return std::nullopt;
  return pool->IncarnationView(id, world_.workers);
}

OperationView Supervisor::Impl::View(const Operation& operation) const {
  OperationView view{.id = operation.id,
                     .kind = operation.kind,
                     .state = operation.state,
                     .pool = operation.pool,
                     .plan = operation.plan,
                     .caller = operation.caller,
                     .created = operation.created,
                     .ended = operation.ended,
                     .done = operation.done,
                     .total = operation.total,
                     .waiting = {},
                     .waiting_more = 0,
                     .failure = operation.failure,
                     .children = operation.children,
                     .parent = operation.parent};
  if (IsFinal(operation.state)) return view;
  for (const auto& [id, pool] : pools_) {
    const bool all = operation.id == shutdown_;
    const auto& children = operation.children;
    bool concerned = all || (pool.operation() != 0 &&
                             (pool.operation() == operation.id ||
                              std::find(children.begin(), children.end(),
                                        pool.operation()) != children.end()));
    if (!concerned) continue;
    for (WaitingView& waiting : pool.Waiting(world_.workers, all)) {
      view.waiting.push_back(std::move(waiting));
    }
  }
  std::stable_sort(view.waiting.begin(), view.waiting.end(),
                   [](const WaitingView& a, const WaitingView& b) {
                     return a.since < b.since;
                   });
  if (view.waiting.size() > kWaitingMax) {
    view.waiting_more =
        static_cast<uint32_t>(view.waiting.size() - kWaitingMax);
    view.waiting.resize(kWaitingMax);
  }
  return view;
}

Supervisor::Supervisor(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

Supervisor::~Supervisor() = default;

void Supervisor::Handle(const Event& event, absl::Time now, Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  impl_->Handle(event, turn);
}

absl::StatusOr<OperationId> Supervisor::Submit(const Command& command,
                                               absl::string_view caller,
                                               absl::Time now,
                                               Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  return impl_->Submit(command, caller, turn);
}

absl::Status Supervisor::Cancel(OperationId operation, absl::string_view caller,
                                absl::Time now, Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  return impl_->Cancel(operation, caller, turn);
}

absl::Status Supervisor::Decide(absl::string_view pool, uint32_t slot,
                                config::v1::ExitAction action, absl::Time now,
                                Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  return impl_->Decide(pool, slot, action, turn);
}

absl::Status Supervisor::SendUserMessage(absl::string_view pool, uint32_t slot,
                                         absl::string_view topic,
                                         absl::string_view payload,
                                         Effects* effects) {
  return impl_->SendUserMessage(pool, slot, topic, payload, effects);
}

absl::Time Supervisor::NextDeadline() const { return impl_->NextDeadline(); }

bool Supervisor::shutting_down() const { return impl_->shutting_down(); }

std::vector<PoolView> Supervisor::Pools() const { return impl_->Pools(); }

std::vector<PoolHealth> Supervisor::Health() const {
  return std::as_const(*impl_).Health();
}

std::optional<PoolView> Supervisor::FindPool(absl::string_view name) const {
  const Pool* pool = impl_->Find(name);
  if (pool == nullptr) return std::nullopt;
  return pool->View(std::as_const(*impl_).world().workers);
}

std::vector<WorkerView> Supervisor::Workers(absl::string_view pool_name) const {
  const Pool* pool = impl_->Find(pool_name);
  if (pool == nullptr) return {};
  return pool->WorkerViews(std::as_const(*impl_).world().workers);
}

std::optional<WorkerView> Supervisor::FindWorker(absl::string_view pool_name,
                                                 uint32_t slot) const {
  const Pool* pool = impl_->Find(pool_name);
  if (pool == nullptr) return std::nullopt;
  return pool->SlotView(slot, std::as_const(*impl_).world().workers);
}

std::optional<WorkerView> Supervisor::FindIncarnation(
    Incarnation incarnation) const {
  return impl_->FindIncarnation(incarnation);
}

std::vector<OperationView> Supervisor::Operations() const {
  std::vector<OperationView> views;
  const auto& all = std::as_const(*impl_).world().operations.all();
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    views.push_back(impl_->View(it->second));
  }
  return views;
}

std::optional<OperationView> Supervisor::FindOperation(OperationId id) const {
  const Operation* operation =
      std::as_const(*impl_).world().operations.Find(id);
  if (operation == nullptr) return std::nullopt;
  return impl_->View(*operation);
}

std::optional<OperationState> Supervisor::StateOf(OperationId id) const {
  const Operation* operation =
      std::as_const(*impl_).world().operations.Find(id);
  if (operation == nullptr) return std::nullopt;
  return operation->state;
}

}  // namespace drover::core
