// Commands: refused as a whole, or begun as an operation.
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"
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

absl::Status CannotReloadInPlace(const Identity& worker) {
  return Refuse(absl::StatusCode::kFailedPrecondition,
                absl::StrCat(Label(worker),
                             " cannot reload in place: it has not declared the "
                             "capability RELOAD"),
                {"NO_CAPABILITY", "in_place",
                 absl::StrCat("replace the workers: drover reload ",
                              worker.pool, " --replace")});
}

absl::Status CheckCount(uint32_t count) {
  if (count >= 1 && count <= kCountMax) return absl::OkStatus();
  return Refuse(
      absl::StatusCode::kInvalidArgument,
      absl::StrCat("count ", count, " is out of range"),
      {"COUNT_OUT_OF_RANGE", "count",
       absl::StrCat("give 1..", kCountMax, "; to have none, stop the pool")});
}

std::string PlanOf(const Apply& wish) {
  std::set<absl::string_view> pools;
  for (const PoolChange& change : wish.changes) {
    pools.insert(change.spec.name());
  }
  if (pools.empty()) return "nothing to change";
  if (pools.size() == 1) return absl::StrCat("change pool ", *pools.begin());
  return absl::StrCat("change ", pools.size(), " pools");
}

std::string PlanOf(Urgency urgency) {
  switch (urgency) {
    case Urgency::kGraceful:
      return "drain all workers, then end";
    case Urgency::kFast:
      return "tell all workers to quit, then end";
    case Urgency::kHard:
      return "kill all workers, then end";
  }
  return "";
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
  if (change.kind == PoolChangeKind::kUpdate) {
    // It would be undone when the new generation's spec comes into force.
    const bool reloads = pool->operation() != 0 &&
                         pool->operation_kind() == OperationKind::kReload;
    return reloads ? Busy(*pool) : absl::OkStatus();
  }
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
      NewOperation(OperationKind::kApply, "", PlanOf(wish), caller, 0, turn);
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
      BeginStart(pools_.try_emplace(id, id, change.spec).first->second, caller,
                 parent, turn);
      break;
    }
    case PoolChangeKind::kRemove: {
      // Begun at the end of the turn, in the order of pools.
      OperationId operation = NewOperation(OperationKind::kRemove, name,
                                           absl::StrCat("remove pool ", name),
                                           caller, parent, turn);
      pool->ReserveForRemoval(operation);
      removals_.insert_or_assign(
          pool->id(),
          Removal{operation, worker::v1::CAUSE_SHUTDOWN,
                  Because(FailureReason::kSuperseded, "the pool is removed")});
      break;
    }
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
  // A running scale is replaced; beside a reload one may run.
  if (pool->operation() != 0 &&
      pool->operation_kind() != OperationKind::kScale &&
      pool->operation_kind() != OperationKind::kReload) {
    return Busy(*pool);
  }
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
  if (pool->scale() != 0) {
    pool->SupersedeScale(Because(FailureReason::kSuperseded,
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
  const bool in_place =
      wish.in_place.value_or((*pool)->settings().reload.in_place);
  if (in_place) {
    if (auto cannot = (*pool)->CannotReload(world_.workers)) {
      return CannotReloadInPlace(*cannot);
    }
  }
  return BeginReload(**pool, in_place, caller, turn);
}

OperationId Supervisor::Impl::BeginReload(Pool& pool, bool in_place,
                                          absl::string_view caller,
                                          Turn& turn) {
  if (in_place) {
    OperationId operation =
        NewOperation(OperationKind::kReload, pool.name(),
                     absl::StrCat("reload pool ", pool.name(),
                                  " in place, one worker after another"),
                     caller, 0, turn);
    pool.BeginReloadInPlace(operation, turn);
    return operation;
  }
  config::v1::Pool same = pool.spec();
  same.set_count(pool.count());
  OperationId operation = NewOperation(
      OperationKind::kReload, pool.name(),
      absl::StrCat(
          "reload pool ", pool.name(), ": replace ", same.count(), " workers, ",
          pool.settings().reload.max_surge.number == 0 ? "stop first"
                                                       : "start first"),
      caller, 0, turn);
  pool.BeginReload(operation, same, turn);
  return operation;
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const RestartWorker& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  auto pool = FindFree(wish.pool);
  if (!pool.ok()) return pool.status();
  if (!(*pool)->wants_slot(wish.slot)) {
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
  if (DROVER_FAULT(kStartPreemptsStop)) {
    Pool* stopping = FindPool(wish.pool);
    if (stopping != nullptr && stopping->state() == PoolState::kStopping) {
      stopping->AbandonRuns(Failure{}, turn);
    }
  }
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
  if (pool.state() == PoolState::kRunning || pool.spec().after().empty()) {
    pool.BeginStart(operation, turn);
  } else {
    // Begun at the end of the turn, or when the others run.
    pool.BeginWait(operation, turn);
  }
  return operation;
}

absl::StatusOr<OperationId> Supervisor::Impl::Begin(const Shutdown& wish,
                                                    absl::string_view caller,
                                                    Turn& turn) {
  if (shutdown_ != 0) {
    Urge(wish.urgency, turn);
    return shutdown_;
  }
  OperationId operation = NewOperation(OperationKind::kShutdown, "",
                                       PlanOf(wish.urgency), caller, 0, turn);
  BeginShutdown(Because(FailureReason::kShutdown, "the supervisor shuts down"),
                wish.urgency, operation, turn);
  return operation;
}

void Supervisor::Impl::BeginShutdown(const Failure& why, Urgency urgency,
                                     OperationId operation, Turn& turn) {
  shutdown_ = operation;
  shutdown_processes_ = static_cast<uint32_t>(world_.workers.size());
  world_.operations.SetTotal(operation, shutdown_processes_, turn.effects);
  shutdown_deadline_ = turn.now + options_.shutdown_timeout;
  world_.timers.Set(shutdown_timer_, shutdown_deadline_);
  for (auto& [id, pool] : pools_) {
    // One that goes already ends as it was going to.
    if (pool.state() == PoolState::kRemoving) continue;
    pool.AbandonRuns(why, turn);
    removals_.insert_or_assign(id, Removal{0, worker::v1::CAUSE_SHUTDOWN, why});
  }
  Urge(urgency, turn);
}

// Never less urgent than before.
void Supervisor::Impl::Urge(Urgency urgency, Turn& turn) {
  if (urgency <= urgency_) return;
  if (urgency == Urgency::kFast) TurnFast(turn);
  if (urgency == Urgency::kHard) {
    TurnHard(FailureReason::kShutdown, "hard shutdown", turn);
  }
}

// Order matters no more: everyone goes.
void Supervisor::Impl::TurnFast(Turn& turn) {
  urgency_ = Urgency::kFast;
  for (const auto& [id, removal] : std::exchange(removals_, {})) {
    pools_.at(id).BeginRemove(0, removal.cause, removal.why, turn);
  }
  for (auto& [id, pool] : pools_) {
    pool.HurryAll(worker::v1::CAUSE_SHUTDOWN, "the shutdown was hastened",
                  turn);
  }
}

void Supervisor::Impl::TurnHard(FailureReason cause, absl::string_view text,
                                Turn& turn) {
  if (urgency_ == Urgency::kHard) return;
  urgency_ = Urgency::kHard;
  for (const auto& [id, removal] : std::exchange(removals_, {})) {
    pools_.at(id).BeginRemove(0, removal.cause, removal.why, turn);
  }
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
    for (OperationId member : members) {
      if (pool.Runs(member)) any |= pool.Cancel(member, why, turn);
    }
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
