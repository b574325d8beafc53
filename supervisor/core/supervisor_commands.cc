// Commands: refused as a whole, or begun as an operation.
#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "supervisor/core/messages.h"
#include "supervisor/core/supervisor_impl.h"

namespace drover::core {
namespace {

constexpr uint32_t kCountMax = 4096;

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

}  // namespace drover::core
