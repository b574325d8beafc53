// A pool's state, slot by slot, written out and read back.
#include <utility>

#include "supervisor/core/fault.h"
#include "supervisor/core/pool.h"
#include "supervisor/core/state_values.h"

namespace drover::core {
namespace {

void WriteReplacement(const Replacement& from, state::v1::Replacement* to) {
  to->set_order(static_cast<uint32_t>(from.order));
  to->set_generation(from.generation);
  to->set_cause(from.cause);
  to->set_text(from.text);
  to->set_promoted(from.promoted);
  to->set_held(from.held);
}

Replacement ReadReplacement(const state::v1::Replacement& from,
                            StateErrors& errors) {
  return {.order = errors.Checked(from.order(), Order::kStopFirst,
                                  "slot.replacement.order"),
          .generation = from.generation(),
          .cause = static_cast<worker::v1::Cause>(from.cause()),
          .text = from.text(),
          .promoted = from.promoted(),
          .held = from.held()};
}

void WriteSlot(const Slot& from, state::v1::Slot* to) {
  to->set_incumbent(from.incumbent);
  to->set_successor(from.successor);
  to->set_outgoing(from.outgoing);
  if (from.replacement) {
    WriteReplacement(*from.replacement, to->mutable_replacement());
  }
  to->set_generation(from.generation);
  to->set_vacancy(static_cast<uint32_t>(from.vacancy));
  to->set_vacant_since(ToNanos(from.vacant_since));
  to->set_in_a_row(DROVER_FAULT(kBackoffNotWritten) ? 0
                                                    : from.backoff.in_a_row());
  to->set_next_start(ToNanos(from.next_start));
  to->set_ready_at(ToNanos(from.ready_at));
  to->set_removing(from.removing);
  to->set_leaving(from.leaving);
  to->set_awaited(static_cast<uint32_t>(from.awaited));
  to->set_awaited_by_scale(from.awaited_by_scale);
  to->set_rollback_failures(from.rollback_failures);
  to->set_restarts(from.restarts);
  if (from.last_exit != nullptr) {
    WriteExit(*from.last_exit, to->mutable_last_exit());
  }
  to->set_last_healthy(absl::ToInt64Nanoseconds(from.last_healthy));
}

void ReadSlot(const state::v1::Slot& from, Slot& to, StateErrors& errors) {
  to.incumbent = from.incumbent();
  to.successor = from.successor();
  to.outgoing = from.outgoing();
  if (from.has_replacement()) {
    to.replacement = ReadReplacement(from.replacement(), errors);
  }
  to.generation = from.generation();
  to.vacancy =
      errors.Checked(from.vacancy(), VacancyKind::kStopped, "slot.vacancy");
  to.vacant_since = FromNanos(from.vacant_since());
  to.backoff = Backoff(from.in_a_row());
  to.next_start = FromNanos(from.next_start());
  to.ready_at = FromNanos(from.ready_at());
  to.removing = from.removing();
  to.leaving = from.leaving();
  to.awaited =
      errors.Checked(from.awaited(), Awaited::kReloaded, "slot.awaited");
  to.awaited_by_scale = from.awaited_by_scale();
  to.rollback_failures = from.rollback_failures();
  to.restarts = from.restarts();
  if (from.has_last_exit()) to.last_exit = ReadExit(from.last_exit(), errors);
  to.last_healthy = absl::Nanoseconds(from.last_healthy());
}

}  // namespace

void Pool::WriteRun(const Run& from, state::v1::Run* to) {
  to->set_operation(from.operation);
  to->set_kind(static_cast<uint32_t>(from.kind));
  to->set_former(static_cast<uint32_t>(from.former));
  to->set_back(from.back);
  to->set_pending(from.pending);
  to->set_former_count(from.former_count);
  if (from.failure != nullptr) {
    WriteFailure(*from.failure, to->mutable_failure());
  }
  if (from.rollout) {
    state::v1::Rollout* rollout = to->mutable_rollout();
    rollout->set_from(from.rollout->from);
    rollout->set_to(from.rollout->to);
    rollout->set_new_count(from.rollout->new_count);
    rollout->set_begun(from.rollout->begun);
    rollout->set_canary_passed(from.rollout->canary_passed);
    rollout->set_bakes_until(ToNanos(from.rollout->bakes_until));
    rollout->set_progress_deadline(ToNanos(from.rollout->progress_deadline));
  }
  if (from.in_place) {
    state::v1::InPlace* in_place = to->mutable_in_place();
    for (uint32_t slot : from.in_place->queue) in_place->add_queue(slot);
    in_place->set_next(static_cast<uint32_t>(from.in_place->next));
    for (uint32_t slot : from.in_place->done) in_place->add_done(slot);
  }
}

Pool::Rollout Pool::ReadRollout(const state::v1::Rollout& from,
                                StateErrors& errors) const {
  Rollout to{.from = from.from(),
             .to = from.to(),
             .new_count = from.new_count(),
             .policy = {},
             .begun = from.begun(),
             .canary_passed = from.canary_passed(),
             .bakes_until = FromNanos(from.bakes_until()),
             .progress_deadline = FromNanos(from.progress_deadline())};
  auto next = generations_.find(to.to);
  if (next == generations_.end() || !generations_.contains(to.from)) {
    errors.Add("rollout names a generation that is not there");
  } else {
    to.policy = SettingsOf(*next->second.spec).reload;
  }
  return to;
}

Pool::Run Pool::ReadRun(const state::v1::Run& from, StateErrors& errors) const {
  Run to;
  to.operation = from.operation();
  to.kind = errors.Checked(from.kind(), OperationKind::kRemove, "run.kind");
  to.former = errors.Checked(from.former(), PoolState::kWaiting, "run.former");
  to.back = from.back();
  to.pending = from.pending();
  to.former_count = from.former_count();
  if (from.has_failure()) to.failure = ReadFailure(from.failure(), errors);
  if (from.has_rollout()) to.rollout = ReadRollout(from.rollout(), errors);
  if (from.has_in_place()) {
    InPlace& in_place = to.in_place.emplace();
    in_place.queue.assign(from.in_place().queue().begin(),
                          from.in_place().queue().end());
    in_place.next = from.in_place().next();
    in_place.done.assign(from.in_place().done().begin(),
                         from.in_place().done().end());
    if (in_place.next > in_place.queue.size()) errors.Add("in_place.next");
  }
  return to;
}

void Pool::Write(state::v1::Pool* to) const {
  to->set_id(id_);
  to->set_state(static_cast<uint32_t>(state_));
  to->set_count(count_);
  for (const auto& [number, data] : generations_) {
    state::v1::Generation* generation = to->add_generations();
    generation->set_number(number);
    *generation->mutable_spec() = *data.spec;
    if (data.settings_of == data.spec) continue;
    *generation->mutable_timeouts() = data.settings_of->timeouts();
    *generation->mutable_heartbeat() = data.settings_of->heartbeat();
  }
  to->set_generation(generation_);
  to->set_last_generation(last_generation_);
  for (const Slot& slot : slots_) WriteSlot(slot, to->add_slots());
  for (absl::Time time : intensity_.restarts()) {
    to->add_restart_times(ToNanos(time));
  }
  to->set_restarts(restarts_);
  if (failure_ != nullptr) WriteFailure(*failure_, to->mutable_failure());
  if (run_) WriteRun(*run_, to->mutable_run());
  if (scale_) WriteRun(*scale_, to->mutable_scale());
}

void Pool::ReadGenerations(const state::v1::Pool& from, StateErrors& errors) {
  generations_.clear();
  for (const state::v1::Generation& generation : from.generations()) {
    auto spec = std::make_shared<const config::v1::Pool>(generation.spec());
    auto settings_of = spec;
    if (generation.has_timeouts()) {
      auto changed = std::make_shared<config::v1::Pool>(*spec);
      *changed->mutable_timeouts() = generation.timeouts();
      *changed->mutable_heartbeat() = generation.heartbeat();
      settings_of = std::move(changed);
    }
    auto settings =
        std::make_shared<const WorkerSettings>(SettingsOf(*settings_of).worker);
    generations_[generation.number()] = {std::move(spec), std::move(settings),
                                         std::move(settings_of), 0};
    if (generation.spec().name() != name_) errors.Add("generation.spec.name");
  }
  generation_ = from.generation();
  last_generation_ = from.last_generation();
  if (!generations_.contains(generation_)) {
    errors.Add("pool.generation is not there");
  }
}

void Pool::Read(const state::v1::Pool& from, StateErrors& errors) {
  ReadGenerations(from, errors);
  if (!errors.status().ok()) return;
  state_ = errors.Checked(from.state(), PoolState::kWaiting, "pool.state");
  count_ = from.count();
  settings_ = SettingsOf(spec());
  for (const state::v1::Slot& slot : from.slots()) {
    Slot& added =
        slots_.emplace_back(id_, static_cast<uint32_t>(slots_.size()));
    ReadSlot(slot, added, errors);
    if (added.next_start != absl::InfiniteFuture()) {
      restarts_due_.Restore(added.index, added.next_start);
    }
    if (!generations_.contains(added.generation)) errors.Add("slot.generation");
  }
  for (int64_t time : from.restart_times()) {
    intensity_.Restore(FromNanos(time));
  }
  restarts_ = from.restarts();
  if (from.has_failure()) failure_ = ReadFailure(from.failure(), errors);
  if (from.has_run()) run_ = ReadRun(from.run(), errors);
  if (from.has_scale()) scale_ = ReadRun(from.scale(), errors);
}

std::shared_ptr<const WorkerSettings> Pool::Adopts(const Identity& worker) {
  auto data = generations_.find(worker.generation);
  if (data == generations_.end() || !has_slot(worker.slot)) return nullptr;
  const Slot& slot = slots_[worker.slot];
  if (worker.incarnation != slot.incumbent &&
      worker.incarnation != slot.successor &&
      worker.incarnation != slot.outgoing) {
    return nullptr;
  }
  ++data->second.processes;
  return data->second.worker;
}

bool Pool::ProcessesAreKnown(const Turn& turn) const {
  for (const Slot& slot : slots_) {
    for (Incarnation process :
         {slot.incumbent, slot.successor, slot.outgoing}) {
      if (process != 0 && turn.Find(process) == nullptr) return false;
    }
  }
  return true;
}

void Pool::SyncTimers(Turn& turn) {
  for (Slot& slot : slots_) SyncReadyTimer(slot, turn);
  SyncPoolTimer(turn);
}

}  // namespace drover::core
