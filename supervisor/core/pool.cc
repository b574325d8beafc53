#include "supervisor/core/pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/fault.h"

namespace drover::core {

using worker::v1::Cause;

std::string Label(const Identity& worker) {
  return absl::StrCat(worker.pool, "/", worker.slot);
}

Pool::Pool(uint32_t id, const config::v1::Pool& spec)
    : id_(id),
      name_(spec.name()),
      count_(spec.count()),
      settings_(SettingsOf(spec)),
      timer_(TimerKey::Pool(id)) {
  generation_ = AddGeneration(spec);
}

void Pool::SetState(PoolState state, Turn& turn) {
  if (state == state_) return;
  turn.Emit(Notify{PoolChanged{name_, state_, state, count_, generation_}});
  state_ = state;
  if (state == PoolState::kFailed && spec().essential() &&
      !turn.world.shutdown_wanted) {
    Failure why = failure_ == nullptr ? Failure{} : *failure_;
    why.message =
        absl::StrCat("essential pool ", name_, " has failed: ", why.message);
    turn.world.shutdown_wanted = ShutdownWish{std::move(why), kExitEssential};
  }
}

Generation Pool::AddGeneration(const config::v1::Pool& spec) {
  auto shared = std::make_shared<const config::v1::Pool>(spec);
  generations_[++last_generation_] = {
      .spec = shared,
      .worker = std::make_shared<const WorkerSettings>(SettingsOf(spec).worker),
      .settings_of = shared};
  return last_generation_;
}

void Pool::RetireUnused(Turn& turn) {
  for (auto it = generations_.begin(); it != generations_.end();) {
    const Generation generation = it->first;
    bool in_rollout =
        run_ && run_->rollout &&
        (generation == run_->rollout->from || generation == run_->rollout->to);
    if (generation == generation_ || in_rollout || it->second.processes > 0) {
      if (DROVER_FAULT(kRetiresTooEarly) && generation != generation_ &&
          !in_rollout) {
        turn.Emit(RetireGeneration{name_, generation});
      }
      ++it;
      continue;
    }
    it = generations_.erase(it);
    FollowGeneration(generation);
    turn.Emit(RetireGeneration{name_, generation});
  }
}

// What is still to be made of a generation that is gone is made of the one in
// force.
void Pool::FollowGeneration(Generation gone) {
  for (Slot& slot : slots_) {
    if (slot.generation == gone) slot.generation = generation_;
    if (slot.replacement && slot.replacement->generation == gone) {
      slot.replacement->generation = generation_;
    }
  }
}

// Whether the slot should have a running process.
bool Pool::Wanted(const Slot& slot) const {
  return !slot.removing &&
         (state_ == PoolState::kStarting || state_ == PoolState::kRunning);
}

void Pool::AddSlot(Generation generation, Turn& turn) {
  Slot& slot = slots_.emplace_back(id_, static_cast<uint32_t>(slots_.size()));
  slot.generation = generation;
  slot.vacant_since = turn.now;
}

// Slots go from the back, so that those that stay keep their numbers.
void Pool::TrimSlots() {
  while (!slots_.empty() && slots_.back().removing &&
         !slots_.back().has_process()) {
    slots_.pop_back();
  }
}

void Pool::SyncReadyTimer(Slot& slot, Turn& turn) const {
  turn.world.timers.Set(slot.timer, slot.ready_at);
}

void Pool::SyncPoolTimer(Turn& turn) {
  absl::Time next = restarts_due_.Next();
  if (run_ && run_->rollout) {
    next = std::min(
        {next, run_->rollout->bakes_until, run_->rollout->progress_deadline});
  }
  turn.world.timers.Set(timer_, next);
}

void Pool::CallOffRestart(Slot& slot, Turn& turn) {
  if (slot.next_start == absl::InfiniteFuture()) return;
  restarts_due_.Remove(slot.index, slot.next_start);
  slot.next_start = absl::InfiniteFuture();
  SyncPoolTimer(turn);
}

void Pool::Vacate(Slot& slot, VacancyKind kind, Turn& turn) {
  CallOffRestart(slot, turn);
  slot.vacancy = kind;
  slot.vacant_since = turn.now;
}

void Pool::WantProcess(Slot& slot, Turn& turn) {
  Vacate(slot, VacancyKind::kWaiting, turn);
  turn.world.starts.Enqueue({id_, slot.index, WorkerRole::kIncumbent});
}

void Pool::WantProcessAfter(Slot& slot, absl::Duration delay, Turn& turn) {
  Vacate(slot, VacancyKind::kBackingOff, turn);
  slot.next_start = restarts_due_.Add(slot.index, turn.now, delay);
  SyncPoolTimer(turn);
}

void Pool::OnStartTurn(const StartTurn& start, Turn& turn) {
  if (!has_slot(start.slot)) return;
  Slot& slot = slots_[start.slot];
  if (start.role == WorkerRole::kIncumbent) {
    // Asked for twice, or not wanted any more: the turn passes.
    if (slot.incumbent != 0 || slot.vacancy != VacancyKind::kWaiting) return;
    slot.vacancy = VacancyKind::kNone;
    slot.incumbent = SpawnFor(slot, slot.generation, turn);
    return;
  }
  // One of a former replacement may still be on its way out: it comes again.
  if (!slot.awaits_successor() || slot.successor != 0 || slot.outgoing != 0) {
    return;
  }
  slot.successor = SpawnFor(slot, slot.replacement->generation, turn);
}

Incarnation Pool::SpawnFor(Slot& slot, Generation generation, Turn& turn) {
  GenerationData& data = generations_.at(generation);
  Incarnation incarnation = ++turn.world.last_incarnation;
  Identity identity{name_, slot.index, generation, incarnation};
  ++data.processes;
  turn.world.starts.Begin(incarnation);
  auto worker = std::make_unique<Worker>(identity, data.worker, turn.now);
  turn.SyncTimer(*worker);
  turn.world.workers.emplace(incarnation, std::move(worker));
  turn.Emit(Spawn{std::move(identity), data.spec});
  return incarnation;
}

void Pool::SetGoal(Incarnation incarnation, Goal goal, Cause cause,
                   absl::string_view text, Turn& turn) {
  Worker* worker = turn.Find(incarnation);
  if (worker == nullptr) return;
  worker->SetGoal(goal, cause, text, turn.context());
  turn.SyncTimer(*worker);
}

void Pool::Dismiss(Slot& slot, Cause cause, absl::string_view text,
                   Turn& turn) {
  slot.replacement.reset();
  slot.ready_at = absl::InfiniteFuture();
  SyncReadyTimer(slot, turn);
  if (slot.incumbent == 0) Vacate(slot, VacancyKind::kStopped, turn);
  for (Incarnation process : {slot.incumbent, slot.successor, slot.outgoing}) {
    SetGoal(process, Goal::kQuit, cause, text, turn);
  }
}

void Pool::Remove(Slot& slot, Cause cause, absl::string_view text, Turn& turn) {
  slot.removing = true;
  Dismiss(slot, cause, text, turn);
}

void Pool::OnOutcome(Worker& worker, Outcome outcome, Turn& turn) {
  uint32_t index = worker.identity().slot;
  if (!has_slot(index)) return;
  Slot& slot = slots_[index];
  switch (outcome) {
    case Outcome::kNone:
      break;
    case Outcome::kStarted:
      OnStarted(slot, worker, turn);
      break;
    case Outcome::kStopped:
      OnStopped(slot, worker, turn);
      break;
    case Outcome::kRequested:
      OnRequest(slot, worker, turn);
      break;
    case Outcome::kReloaded:
      OnReloaded(slot, worker, turn);
      break;
    case Outcome::kEnded:
      OnEnded(slot, worker, turn);
      break;
  }
  Follow(turn);
}

void Pool::Follow(Turn& turn) {
  if (run_ && run_->rollout) {
    PumpRollout(turn);
  } else if (run_ && run_->in_place) {
    PumpInPlace(turn);
  } else if (run_ && run_->kind == OperationKind::kReload &&
             run_->pending == 0) {
    // The surplus of a smaller generation is gone, or was wanted again.
    PhaseDone(run_, turn);
  }
  SyncPoolTimer(turn);
}

void Pool::OnStarted(Slot& slot, Worker& worker, Turn& turn) {
  turn.world.starts.Finish(worker.incarnation());
  switch (RoleOf(slot, worker.incarnation())) {
    case WorkerRole::kSuccessor:
      // Called off: it is told to quit.
      if (slot.replacement) ProveReady(slot, turn);
      break;
    case WorkerRole::kIncumbent:
      if (slot.replacement && slot.replacement->order == Order::kStopFirst) {
        ProveReady(slot, turn);
      } else {
        Satisfy(slot, Awaited::kStarted, turn);
      }
      break;
    case WorkerRole::kOutgoing:
      break;
  }
}

void Pool::OnStopped(Slot& slot, Worker& worker, Turn& turn) {
  // It may have been on its way to STARTED.
  turn.world.starts.Finish(worker.incarnation());
  if (RoleOf(slot, worker.incarnation()) != WorkerRole::kIncumbent) return;
  Satisfy(slot, Awaited::kStopped, turn);
  // Wanted again meanwhile, and it cannot start again in the same process.
  if (worker.goal() == Goal::kRun && worker.state() == WorkerState::kStopped) {
    StartSlot(slot, turn);
  }
}

void Pool::OnSlotTimer(uint32_t index, Turn& turn) {
  if (!has_slot(index)) return;
  Slot& slot = slots_[index];
  if (slot.ready_at <= turn.now) BecomeReady(slot, turn);
  Follow(turn);
}

void Pool::OnPoolTimer(Turn& turn) {
  for (uint32_t index : restarts_due_.PopDue(turn.now)) {
    slots_[index].next_start = absl::InfiniteFuture();
    WantProcess(slots_[index], turn);
  }
  if (run_ && run_->rollout) {
    Rollout& rollout = *run_->rollout;
    if (rollout.bakes_until <= turn.now) {
      rollout.bakes_until = absl::InfiniteFuture();
      rollout.canary_passed = true;
    }
    if (rollout.progress_deadline <= turn.now) OnNoProgress(turn);
  }
  Follow(turn);
}

void Pool::Postpone(absl::Duration time, Turn& turn) {
  for (Slot& slot : slots_) {
    slot.ready_at += time;
    SyncReadyTimer(slot, turn);
  }
  if (run_ && run_->rollout) {
    run_->rollout->bakes_until += time;
    run_->rollout->progress_deadline += time;
  }
  SyncPoolTimer(turn);
}

void Pool::Adopt(const config::v1::Pool& spec) {
  generation_ = AddGeneration(spec);
  count_ = spec.count();
  settings_ = SettingsOf(spec);
  for (Slot& slot : slots_) {
    slot.generation = generation_;
    slot.removing = slot.index >= count_;
  }
  TrimSlots();
}

void Pool::Update(const config::v1::Pool& spec, Turn& turn) {
  GenerationData& data = generations_.at(generation_);
  // Its count is what was applied, beside what the pool was scaled to.
  data.spec = std::make_shared<const config::v1::Pool>(spec);
  settings_ = SettingsOf(spec);
  auto worker_settings =
      std::make_shared<const WorkerSettings>(settings_.worker);
  for (auto& [number, generation] : generations_) {
    generation.worker = worker_settings;
    generation.settings_of = data.spec;
  }
  ForEachWorker(turn, [&](Worker& worker) {
    worker.SetSettings(worker_settings, turn.now);
  });
  turn.Emit(UpdatePool{name_, data.spec});
}

void Pool::HurryAll(Cause cause, absl::string_view text, Turn& turn) {
  ForEachWorker(
      turn, [&](Worker& worker) { worker.Hurry(cause, text, turn.context()); });
}

void Pool::KillAll(FailureReason cause, absl::string_view text, Turn& turn) {
  ForEachWorker(
      turn, [&](Worker& worker) { worker.Kill(cause, text, turn.context()); });
}

bool Pool::has_slot(uint32_t slot) const { return slot < slots_.size(); }

bool Pool::wants_slot(uint32_t slot) const {
  return has_slot(slot) && !slots_[slot].removing;
}

bool Pool::idle_slots() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return !slot.removing && slot.incumbent == 0 &&
           (slot.vacancy == VacancyKind::kLeft ||
            slot.vacancy == VacancyKind::kStopped ||
            slot.vacancy == VacancyKind::kBackingOff);
  });
}

uint32_t Pool::processes() const {
  uint32_t processes = 0;
  for (const auto& [number, generation] : generations_) {
    processes += generation.processes;
  }
  return processes;
}

const config::v1::Pool& Pool::spec() const {
  return *generations_.at(generation_).spec;
}

Incarnation Pool::incumbent(uint32_t slot) const {
  return has_slot(slot) ? slots_[slot].incumbent : 0;
}

}  // namespace drover::core
