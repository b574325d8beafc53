#include "supervisor/core/pool.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::core {

using worker::v1::Cause;

std::string Label(const Identity& worker) {
  return absl::StrCat(worker.pool, "/", worker.slot);
}

Pool::Pool(uint32_t id, const config::v1::Pool& spec)
    : id_(id),
      name_(spec.name()),
      count_(spec.count()),
      settings_(SettingsOf(spec)) {
  generation_ = AddGeneration(spec);
}

void Pool::SetState(PoolState state, Turn& turn) {
  if (state == state_) return;
  turn.Emit(Notify{PoolChanged{name_, state_, state, count_, generation_}});
  state_ = state;
}

Generation Pool::AddGeneration(const config::v1::Pool& spec) {
  generations_[++last_generation_] = {
      .spec = std::make_shared<const config::v1::Pool>(spec),
      .worker =
          std::make_shared<const WorkerSettings>(SettingsOf(spec).worker)};
  return last_generation_;
}

void Pool::RetireUnused(Turn& turn) {
  for (auto it = generations_.begin(); it != generations_.end();) {
    const Generation generation = it->first;
    bool in_rollout =
        run_ && run_->rollout &&
        (generation == run_->rollout->from || generation == run_->rollout->to);
    if (generation == generation_ || in_rollout || it->second.processes > 0) {
      ++it;
      continue;
    }
    it = generations_.erase(it);
    turn.Emit(RetireGeneration{name_, generation});
  }
}

// Whether the slot should have a running process.
bool Pool::Wanted(const Slot& slot) const {
  return !slot.removing &&
         (state_ == PoolState::kStarting || state_ == PoolState::kRunning);
}

void Pool::AddSlot(Generation generation, Turn& turn) {
  Slot slot;
  slot.index = static_cast<uint32_t>(slots_.size());
  slot.generation = generation;
  slot.vacant_since = turn.now;
  slots_.push_back(std::move(slot));
}

// Slots go from the back, so that those that stay keep their numbers.
void Pool::TrimSlots(Turn& turn) {
  while (!slots_.empty() && slots_.back().removing &&
         !slots_.back().has_process()) {
    turn.world.timers.Set(TimerKey::Slot(id_, slots_.back().index),
                          absl::InfiniteFuture());
    slots_.pop_back();
  }
}

void Pool::SyncSlotTimer(const Slot& slot, Turn& turn) const {
  turn.world.timers.Set(TimerKey::Slot(id_, slot.index), slot.timer());
}

void Pool::Vacate(Slot& slot, VacancyKind kind, Turn& turn) {
  slot.vacancy = kind;
  slot.vacant_since = turn.now;
  if (kind != VacancyKind::kBackingOff) {
    slot.next_start = absl::InfiniteFuture();
  }
  SyncSlotTimer(slot, turn);
}

void Pool::WantProcess(Slot& slot, Turn& turn) {
  Vacate(slot, VacancyKind::kWaiting, turn);
  turn.world.starts.Enqueue({id_, slot.index, WorkerRole::kIncumbent});
}

void Pool::WantProcessAfter(Slot& slot, absl::Duration delay, Turn& turn) {
  slot.next_start = turn.now + delay;
  Vacate(slot, VacancyKind::kBackingOff, turn);
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
  if (!slot.replacement || slot.replacement->promoted ||
      slot.replacement->order != Order::kStartFirst || slot.successor != 0) {
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
  if (slot.incumbent == 0) Vacate(slot, VacancyKind::kStopped, turn);
  SyncSlotTimer(slot, turn);
  for (Incarnation process : {slot.incumbent, slot.successor, slot.outgoing}) {
    SetGoal(process, Goal::kQuit, cause, text, turn);
  }
}

void Pool::Remove(Slot& slot, Cause cause, absl::string_view text, Turn& turn) {
  slot.removing = true;
  Dismiss(slot, cause, text, turn);
}

void Pool::BeginReplacement(Slot& slot, Replacement replacement, Turn& turn) {
  slot.replacement = std::move(replacement);
  slot.next_start = absl::InfiniteFuture();
  SyncSlotTimer(slot, turn);
  if (slot.replacement->order == Order::kStartFirst) {
    if (slot.incumbent == 0) Vacate(slot, VacancyKind::kWaiting, turn);
    turn.world.starts.Enqueue({id_, slot.index, WorkerRole::kSuccessor});
    return;
  }
  slot.generation = slot.replacement->generation;
  if (slot.incumbent == 0) {
    WantProcess(slot, turn);
  } else {
    SetGoal(slot.incumbent, Goal::kQuit, slot.replacement->cause,
            slot.replacement->text, turn);
  }
}

// The successor takes the place; from here on the replacement only waits for
// the former incumbent to be gone.
void Pool::Promote(Slot& slot, Turn& turn) {
  slot.ready_at = absl::InfiniteFuture();
  slot.next_start = absl::InfiniteFuture();
  SyncSlotTimer(slot, turn);
  slot.outgoing = std::exchange(slot.incumbent, slot.successor);
  slot.successor = 0;
  slot.vacancy = VacancyKind::kNone;
  slot.generation = slot.replacement->generation;
  slot.replacement->promoted = true;
  if (slot.outgoing == 0) {
    ReplacementDone(slot, turn);
  } else {
    SetGoal(slot.outgoing, Goal::kQuit, slot.replacement->cause,
            slot.replacement->text, turn);
  }
}

// Before the promotion: the incumbent stays.
void Pool::CallOffReplacement(Slot& slot, Turn& turn) {
  Replacement replacement = *std::exchange(slot.replacement, std::nullopt);
  slot.ready_at = absl::InfiniteFuture();
  SyncSlotTimer(slot, turn);
  if (slot.successor != 0) {
    SetGoal(slot.successor, Goal::kQuit, worker::v1::CAUSE_ROLLBACK,
            "the replacement was called off", turn);
  }
  if (slot.incumbent == 0 && Wanted(slot)) WantProcess(slot, turn);
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
    case Outcome::kEnded:
      OnEnded(slot, worker, turn);
      break;
  }
}

void Pool::OnStarted(Slot& slot, Worker& worker, Turn& turn) {
  turn.world.starts.Finish(worker.incarnation());
  switch (RoleOf(slot, worker.incarnation())) {
    case WorkerRole::kSuccessor:
      if (!slot.replacement) break;  // called off; it is told to quit
      if (settings_.min_ready_time > absl::ZeroDuration()) {
        slot.ready_at = turn.now + settings_.min_ready_time;
        SyncSlotTimer(slot, turn);
      } else {
        Promote(slot, turn);
      }
      break;
    case WorkerRole::kIncumbent:
      if (slot.replacement && slot.replacement->order == Order::kStopFirst) {
        slot.replacement.reset();
      }
      Satisfy(slot, Awaited::kStarted, turn);
      break;
    case WorkerRole::kOutgoing:
      break;
  }
}

void Pool::OnStopped(Slot& slot, Worker& worker, Turn& turn) {
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
  if (slot.ready_at <= turn.now) {
    Promote(slot, turn);
  } else if (slot.next_start <= turn.now) {
    WantProcess(slot, turn);
  }
  // The promotion may have emptied and trimmed the slot.
  if (has_slot(index)) SyncSlotTimer(slots_[index], turn);
}

void Pool::Adopt(const config::v1::Pool& spec) {
  generation_ = AddGeneration(spec);
  count_ = spec.count();
  settings_ = SettingsOf(spec);
  for (Slot& slot : slots_) {
    slot.generation = generation_;
    slot.removing = slot.index >= count_;
  }
}

void Pool::Update(const config::v1::Pool& spec, Turn& turn) {
  config::v1::Pool updated = spec;
  updated.set_count(count_);
  GenerationData& data = generations_.at(generation_);
  data.spec = std::make_shared<const config::v1::Pool>(updated);
  settings_ = SettingsOf(updated);
  auto worker_settings =
      std::make_shared<const WorkerSettings>(settings_.worker);
  for (auto& [number, generation] : generations_) {
    generation.worker = worker_settings;
  }
  for (const Slot& slot : slots_) {
    for (Incarnation process :
         {slot.incumbent, slot.successor, slot.outgoing}) {
      Worker* worker = turn.Find(process);
      if (worker == nullptr) continue;
      worker->SetSettings(worker_settings, turn.now);
      turn.SyncTimer(*worker);
    }
  }
  turn.Emit(UpdatePool{name_, data.spec});
}

void Pool::KillAll(FailureReason cause, absl::string_view text, Turn& turn) {
  for (Slot& slot : slots_) {
    for (Incarnation process :
         {slot.incumbent, slot.successor, slot.outgoing}) {
      Worker* worker = turn.Find(process);
      if (worker == nullptr) continue;
      worker->Kill(cause, text, turn.context());
      turn.SyncTimer(*worker);
    }
  }
}

bool Pool::has_slot(uint32_t slot) const { return slot < slots_.size(); }

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
