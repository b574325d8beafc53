// The whole core, written out and read back.
#include <utility>

#include "supervisor/core/state_values.h"
#include "supervisor/core/supervisor_impl.h"

namespace drover::core {

void Supervisor::Impl::Write(state::v1::Core* to) const {
  for (const auto& [id, pool] : pools_) pool.Write(to->add_pools());
  WriteWorkers(to);
  world_.operations.Write(to);
  for (const StartTurn& start : world_.starts.waiting()) {
    state::v1::StartTurn* turn = to->add_starts_waiting();
    turn->set_pool(start.pool);
    turn->set_slot(start.slot);
    turn->set_role(static_cast<uint32_t>(start.role));
  }
  for (Incarnation incarnation : world_.starts.under_way()) {
    to->add_starts_under_way(incarnation);
  }
  to->set_random(world_.random.state());
  to->set_last_incarnation(world_.last_incarnation);
  to->set_last_pool(last_pool_);
  to->set_last_turn(ToNanos(last_turn_));
  to->set_initial(initial_);
  WriteShutdown(to);
}

void Supervisor::Impl::WriteWorkers(state::v1::Core* to) const {
  for (const auto& [incarnation, worker] : world_.workers) {
    worker->Write(to->add_workers());
  }
}

void Supervisor::Impl::WriteShutdown(state::v1::Core* to) const {
  to->set_shutdown(shutdown_);
  to->set_shutdown_processes(shutdown_processes_);
  to->set_shutdown_deadline(ToNanos(shutdown_deadline_));
  to->set_urgency(static_cast<uint32_t>(urgency_));
  for (const auto& [id, removal] : removals_) {
    state::v1::Removal* written = to->add_removals();
    written->set_pool(id);
    written->set_operation(removal.operation);
    written->set_cause(removal.cause);
    WriteFailure(removal.why, written->mutable_why());
  }
  to->set_exit_code(exit_code_);
  to->set_finished(finished_);
}

absl::Status Supervisor::Impl::Read(const state::v1::Core& from) {
  StateErrors errors;
  ReadPools(from, errors);
  ReadWorkers(from, errors);
  world_.operations.Read(from, errors);
  for (const state::v1::StartTurn& turn : from.starts_waiting()) {
    world_.starts.Enqueue({turn.pool(), turn.slot(),
                           errors.Checked(turn.role(), WorkerRole::kOutgoing,
                                          "starts_waiting.role")});
  }
  for (uint64_t incarnation : from.starts_under_way()) {
    world_.starts.Begin(incarnation);
  }
  world_.random = Random(from.random());
  world_.last_incarnation = from.last_incarnation();
  last_pool_ = from.last_pool();
  last_turn_ = FromNanos(from.last_turn());
  initial_ = from.initial();
  ReadShutdown(from, errors);
  if (errors.status().ok()) CheckOperations(errors);
  return errors.status();
}

void Supervisor::Impl::ReadPools(const state::v1::Core& from,
                                 StateErrors& errors) {
  for (const state::v1::Pool& pool : from.pools()) {
    if (pool.generations().empty()) {
      errors.Add("pool without a generation");
      return;
    }
    const config::v1::Pool& any = pool.generations(0).spec();
    auto [added, is_new] = pools_.try_emplace(pool.id(), pool.id(), any);
    if (!is_new || FindPool(any.name()) != &added->second) {
      errors.Add("pool.id or name given twice");
      return;
    }
    added->second.Read(pool, errors);
  }
}

void Supervisor::Impl::ReadWorkers(const state::v1::Core& from,
                                   StateErrors& errors) {
  Effects none;
  Turn turn{world_, absl::InfinitePast(), &none};
  for (const state::v1::Worker& worker : from.workers()) {
    const Identity id = ReadIdentity(worker.id());
    Pool* pool = FindPool(id.pool);
    auto settings = pool == nullptr ? nullptr : pool->Adopts(id);
    if (settings == nullptr || id.incarnation > from.last_incarnation()) {
      errors.Add("worker that is in no slot");
      return;
    }
    auto read = Worker::Read(worker, std::move(settings), errors);
    turn.SyncTimer(*read);
    world_.workers.emplace(id.incarnation, std::move(read));
  }
  for (auto& [id, pool] : pools_) {
    if (!pool.ProcessesAreKnown(turn)) errors.Add("slot without its worker");
    pool.SyncTimers(turn);
  }
}

void Supervisor::Impl::ReadShutdown(const state::v1::Core& from,
                                    StateErrors& errors) {
  shutdown_ = from.shutdown();
  shutdown_processes_ = from.shutdown_processes();
  shutdown_deadline_ = FromNanos(from.shutdown_deadline());
  world_.timers.Set(shutdown_timer_, shutdown_deadline_);
  urgency_ = errors.Checked(from.urgency(), Urgency::kHard, "urgency");
  for (const state::v1::Removal& removal : from.removals()) {
    if (PoolById(removal.pool()) == nullptr) errors.Add("removals.pool");
    removals_.insert_or_assign(
        removal.pool(), Removal{removal.operation(),
                                static_cast<worker::v1::Cause>(removal.cause()),
                                *ReadFailure(removal.why(), errors)});
  }
  exit_code_ = from.exit_code();
  finished_ = from.finished();
}

// What runs has an entry, so that it can be looked up and ended.
void Supervisor::Impl::CheckOperations(StateErrors& errors) const {
  auto check = [&](OperationId id, absl::string_view what) {
    if (id != 0 && world_.operations.Find(id) == nullptr) errors.Add(what);
  };
  for (const auto& [id, pool] : pools_) {
    check(pool.operation(), "pool.run.operation");
    check(pool.scale(), "pool.scale.operation");
  }
  check(shutdown_, "shutdown");
}

void Supervisor::Write(state::v1::Core* state) const { impl_->Write(state); }

absl::StatusOr<std::unique_ptr<Supervisor>> Supervisor::Read(
    const state::v1::Core& state, Options options) {
  auto supervisor = std::make_unique<Supervisor>(std::move(options));
  absl::Status status = supervisor->impl_->Read(state);
  if (!status.ok()) return status;
  return supervisor;
}

}  // namespace drover::core
