#include "supervisor/main/journal.h"

#include <unistd.h>

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "supervisor/base/log.h"
#include "supervisor/base/version.h"

namespace drover {
namespace {

// At first, and by how much it grows: 24 kB.
constexpr size_t kStep = 64;

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Begin(
    const core::Supervisor& core, core::Incarnation last,
    std::map<std::string, Predecessor::Count> scaled,
    const std::shared_ptr<os::FdStore>& store) {
  auto map = os::MemoryMap::Create("drover-journal", journal::SizeFor(kStep));
  if (!map.ok()) return map.status();
  std::unique_ptr<Journal> begun(new Journal(core, *std::move(map)));
  begun->self_.incarnation = last;
  begun->scaled_ = std::move(scaled);
  begun->NoteSelf();
  for (const core::PoolView& pool : core.Pools()) {
    begun->NotePool(pool.name);
    for (const core::WorkerView& worker : core.Workers(pool.name)) {
      if (worker.id.incarnation != 0) begun->NoteWorker(worker);
    }
  }
  begun->name_ = absl::StrCat(kPrefix, absl::Hex(absl::GetCurrentTimeNanos()),
                              "-", ::getpid());
  begun->kept_ = os::KeptFd(store, begun->name_, begun->map_.fd());
  return begun;
}

Journal::Journal(const core::Supervisor& core, os::MemoryMap map)
    : core_(core), map_(std::move(map)) {
  journal::WriteHeader(map_.data());
  self_ = {.kind = journal::Kind::kSupervisor,
           .pid = ::getpid(),
           .time = absl::GetCurrentTimeNanos(),
           .name = absl::StrCat("drover/", kVersion)};
}

void Journal::OnNotice(const core::Notice& notice) {
  if (auto* changed = std::get_if<core::WorkerChanged>(&notice)) {
    OnWorker(changed->worker.incarnation);
  } else if (auto* exited = std::get_if<core::WorkerExited>(&notice)) {
    OnWorker(exited->exit->worker.incarnation);
  } else if (auto* pool = std::get_if<core::PoolChanged>(&notice)) {
    NotePool(pool->pool);
  } else if (auto* removed = std::get_if<core::PoolRemoved>(&notice)) {
    NotePool(removed->pool);
  } else if (auto* operation = std::get_if<core::OperationChanged>(&notice)) {
    const auto state = core_.StateOf(operation->operation);
    if (!state || !core::IsFinal(*state)) return;
    const auto view = core_.FindOperation(operation->operation);
    if (view && !view->pool.empty()) NotePool(view->pool);
  }
}

void Journal::OnWorker(core::Incarnation incarnation) {
  const auto worker = core_.FindIncarnation(incarnation);
  if (worker) return NoteWorker(*worker);
  auto noted = workers_.find(incarnation);
  if (noted == workers_.end()) return;
  Forget(noted->second.place);
  workers_.erase(noted);
}

void Journal::NoteSelf() { Write(0, self_); }

void Journal::NotePool(const std::string& name) {
  const auto pool = core_.FindPool(name);
  auto known = pools_.find(name);
  if (!pool) {
    if (known == pools_.end()) return;
    Forget(known->second);
    pools_.erase(known);
    return;
  }
  if (known == pools_.end()) {
    known = pools_.emplace(name, FreePlace()).first;
  }
  if (known->second == 0) return;
  Write(known->second, {.kind = journal::Kind::kPool,
                        .generation = pool->generation,
                        .slot_or_count = pool->count,
                        .configured = ConfiguredCount(*pool),
                        .name = name});
}

uint32_t Journal::ConfiguredCount(const core::PoolView& pool) const {
  auto scaled = scaled_.find(pool.name);
  const bool as_told =
      scaled != scaled_.end() && scaled->second.scaled == pool.spec->count();
  return as_told ? scaled->second.configured : pool.spec->count();
}

void Journal::NoteWorker(const core::WorkerView& worker) {
  if (worker.id.incarnation > self_.incarnation) {
    self_.incarnation = worker.id.incarnation;
    NoteSelf();
  }
  journal::Note note = {
      .kind = journal::Kind::kWorker,
      .state = static_cast<uint8_t>(worker.state),
      .pid = worker.pid,
      .incarnation = worker.id.incarnation,
      .generation = worker.id.generation,
      .slot_or_count = worker.id.slot,
      .name = worker.id.pool,
      .text = worker.status_text.substr(0, journal::kTextMax)};
  auto [noted, is_new] = workers_.try_emplace(worker.id.incarnation);
  if (is_new) noted->second.place = FreePlace();
  // Most of what happens to a worker changes nothing of this.
  if (noted->second.place == 0 || noted->second.note == note) return;
  noted->second.note = note;
  note.time = absl::GetCurrentTimeNanos();
  Write(noted->second.place, note);
}

size_t Journal::FreePlace() {
  if (!free_.empty()) {
    const size_t place = free_.back();
    free_.pop_back();
    return place;
  }
  const bool full = used_ >= journal::kPlacesMax;
  const bool fits = journal::SizeFor(used_ + 1) <= map_.size();
  if (full ||
      (!fits && !map_.Grow(map_.size() + kStep * journal::kPlaceSize).ok())) {
    if (self_.state == 0) log::Warning("the journal has no room for all");
    self_.state = 1;
    NoteSelf();
    return 0;
  }
  return used_++;
}

void Journal::Forget(size_t place) {
  if (place == 0) return;
  Write(place, journal::Note());
  free_.push_back(place);
}

void Journal::Write(size_t place, const journal::Note& note) {
  journal::WriteNote(map_.data(), place, note);
}

}  // namespace drover
