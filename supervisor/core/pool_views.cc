// A pool as others may read it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/core/pool.h"

namespace drover::core {
namespace {

const Worker* Find(const Workers& workers, Incarnation incarnation) {
  auto it = workers.find(incarnation);
  return it == workers.end() ? nullptr : it->second.get();
}

std::string WhatWorkerOwes(const Worker& worker) {
  switch (worker.state()) {
    case WorkerState::kSpawned:
      return "its Hello";
    case WorkerState::kInitialized:
      return "its start";
    case WorkerState::kStarting:
      return "STARTED";
    case WorkerState::kStopping:
      return worker.in_flight() == 0
                 ? "its drain"
                 : absl::StrCat("its drain (", worker.in_flight(),
                                " in flight)");
    case WorkerState::kShuttingDown:
      return "its exit";
    case WorkerState::kFailed:
      return "its end, by signals";
    case WorkerState::kStarted:
      return worker.serves() ? "its turn, or its time to prove itself"
                             : "the end of its lame duck";
    case WorkerState::kStopped:
    case WorkerState::kEnded:
      return "the next step";
  }
  return "";
}

std::string WhatVacancyNeeds(VacancyKind kind) {
  switch (kind) {
    case VacancyKind::kWaiting:
      return "its turn to start";
    case VacancyKind::kBackingOff:
      return "the end of its backoff";
    case VacancyKind::kLeft:
      return "someone to restart it";
    case VacancyKind::kStopped:
    case VacancyKind::kNone:
      return "the next step";
  }
  return "";
}

}  // namespace

bool Pool::Serves(const Workers& workers) const {
  return state_ == PoolState::kRunning &&
         std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
           const Worker* incumbent = Find(workers, slot.incumbent);
           return incumbent != nullptr &&
                  incumbent->state() == WorkerState::kStarted;
         });
}

PoolView Pool::View(const Workers& workers) const {
  PoolView view{.name = name_,
                .state = state_,
                .count = count_,
                .ready = 0,
                .generation = generation_,
                .next_generation = 0,
                .operation = operation(),
                .bakes_until = std::nullopt,
                .restarts = restarts_,
                .failure = failure_,
                .spec = generations_.at(generation_).spec};
  if (run_ && run_->rollout && !run_->back) {
    view.next_generation = run_->rollout->to;
    if (run_->rollout->bakes_until != absl::InfiniteFuture()) {
      view.bakes_until = run_->rollout->bakes_until;
    }
  }
  for (const Slot& slot : slots_) {
    const Worker* incumbent = Find(workers, slot.incumbent);
    if (incumbent != nullptr && incumbent->state() == WorkerState::kStarted) {
      ++view.ready;
    }
  }
  return view;
}

WorkerView Pool::VacancyView(const Slot& slot) const {
  WorkerView view;
  view.id = {name_, slot.index, slot.generation, 0};
  view.vacancy = slot.vacancy;
  view.state_since = slot.vacant_since;
  view.spawned_at = slot.vacant_since;
  if (slot.next_start != absl::InfiniteFuture()) {
    view.deadline = slot.next_start;
  }
  view.restarts = slot.restarts;
  view.last_exit = slot.last_exit;
  return view;
}

std::optional<WorkerView> Pool::ProcessView(const Slot& slot,
                                            Incarnation incarnation,
                                            const Workers& workers) const {
  const Worker* worker = Find(workers, incarnation);
  if (worker == nullptr) return std::nullopt;
  WorkerView view;
  worker->FillView(&view);
  view.role = RoleOf(slot, incarnation);
  view.restarts = slot.restarts;
  view.last_exit = slot.last_exit;
  return view;
}

std::vector<WorkerView> Pool::WorkerViews(const Workers& workers) const {
  std::vector<WorkerView> views;
  for (const Slot& slot : slots_) {
    if (slot.incumbent == 0 && !(slot.removing && slot.has_process())) {
      views.push_back(VacancyView(slot));
    }
    for (Incarnation process :
         {slot.incumbent, slot.successor, slot.outgoing}) {
      auto view = ProcessView(slot, process, workers);
      if (view) views.push_back(*std::move(view));
    }
  }
  return views;
}

std::optional<WorkerView> Pool::SlotView(uint32_t index,
                                         const Workers& workers) const {
  if (!has_slot(index)) return std::nullopt;
  const Slot& slot = slots_[index];
  if (slot.incumbent == 0) return VacancyView(slot);
  return ProcessView(slot, slot.incumbent, workers);
}

std::optional<WorkerView> Pool::IncarnationView(const Identity& id,
                                                const Workers& workers) const {
  if (!has_slot(id.slot)) return std::nullopt;
  return ProcessView(slots_[id.slot], id.incarnation, workers);
}

// Not by way of WorkerViews: an operation over a thousand workers is looked at
// each time one of them has moved.
std::vector<WaitingView> Pool::Waiting(const Workers& workers,
                                       OperationId operation) const {
  const bool all = operation == 0;
  const bool of_scale = scale_ && scale_->operation == operation;
  std::vector<WaitingView> waiting;
  for (const Slot& slot : slots_) {
    if (!all &&
        (slot.awaited == Awaited::kNone || slot.awaited_by_scale != of_scale)) {
      continue;
    }
    bool any = false;
    // The one that holds things up: coming before going before staying.
    for (Incarnation process :
         {slot.successor, slot.outgoing, slot.incumbent}) {
      const Worker* worker = Find(workers, process);
      if (worker == nullptr) continue;
      if (any && !all) break;
      any = true;
      waiting.push_back({.worker = worker->identity(),
                         .vacancy = VacancyKind::kNone,
                         .state = worker->state(),
                         .what = WhatWorkerOwes(*worker),
                         .since = worker->state_since(),
                         .deadline = worker->state_deadline()});
    }
    if (!any && !all) {
      WorkerView view = VacancyView(slot);
      waiting.push_back({.worker = view.id,
                         .vacancy = view.vacancy,
                         .state = view.state,
                         .what = WhatVacancyNeeds(view.vacancy),
                         .since = view.state_since,
                         .deadline = view.deadline});
    }
  }
  return waiting;
}

}  // namespace drover::core
