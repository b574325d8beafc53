#include "supervisor/main/predecessor.h"

#include <algorithm>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "supervisor/control/views.h"
#include "supervisor/main/journal_format.h"
#include "supervisor/output/sanitize.h"

namespace drover {
namespace {

using journal::Kind;
using journal::Note;

// What is written there came from a supervisor, and is looked at all the same.
core::WorkerState StateOf(uint8_t number) {
  return number < core::kWorkerStateCount
             ? static_cast<core::WorkerState>(number)
             : core::WorkerState::kSpawned;
}

LostWorker ToLost(const Note& note) {
  return {.id = {.pool = note.name,
                 .slot = note.slot_or_count,
                 .generation = note.generation,
                 .incarnation = note.incarnation},
          .pid = note.pid,
          .state = StateOf(note.state),
          .status_text = note.text,
          .noted = absl::FromUnixNanos(note.time)};
}

// Takes over what concerns the supervisor itself.
void ReadSelf(const Note& self, Predecessor* to) {
  to->pid = self.pid;
  to->started = absl::FromUnixNanos(self.time);
  to->last_sign = to->started;
  if (self.state != 0) to->unknown = "its journal had no room for all of them";
}

void ReadRest(const std::vector<Note>& notes, Predecessor* to) {
  for (const Note& note : notes) {
    if (note.kind == Kind::kPool) {
      to->counts[note.name] = {note.configured, note.slot_or_count};
    }
    if (note.kind != Kind::kWorker) continue;
    to->workers.push_back(ToLost(note));
    to->last_sign = std::max(to->last_sign, to->workers.back().noted);
  }
}

void SortWorkers(Predecessor* of) {
  auto order = [](const LostWorker& worker) {
    return std::tie(worker.id.pool, worker.id.slot, worker.id.incarnation);
  };
  std::sort(of->workers.begin(), of->workers.end(),
            [&](const LostWorker& a, const LostWorker& b) {
              return order(a) < order(b);
            });
}

std::string TimeOf(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

}  // namespace

std::optional<Predecessor> ReadPredecessor(
    const std::vector<absl::StatusOr<std::string>>& journals) {
  if (journals.empty()) return std::nullopt;
  std::vector<std::vector<Note>> readable;
  std::string refusal;
  for (const absl::StatusOr<std::string>& journal : journals) {
    auto notes = journal.ok() ? journal::ReadNotes(*journal) : journal.status();
    if (notes.ok()) {
      readable.push_back(*std::move(notes));
    } else {
      refusal = absl::StrCat("its journal cannot be used: ",
                             notes.status().message());
    }
  }
  std::sort(readable.begin(), readable.end(),
            [](const std::vector<Note>& a, const std::vector<Note>& b) {
              return a.front().time < b.front().time;
            });
  Predecessor read;
  // Of an earlier one, that nobody told of, the workers count as well.
  for (const std::vector<Note>& notes : readable) {
    read.counts.clear();
    read.last_incarnation =
        std::max(read.last_incarnation, notes.front().incarnation);
    ReadSelf(notes.front(), &read);
    ReadRest(notes, &read);
  }
  if (!refusal.empty()) read.unknown = refusal;
  SortWorkers(&read);
  return read;
}

std::map<std::string, Predecessor::Count> KeepScale(
    const Predecessor& predecessor, config::v1::Config* config) {
  std::map<std::string, Predecessor::Count> kept;
  for (config::v1::Pool& pool : *config->mutable_pools()) {
    auto former = predecessor.counts.find(pool.name());
    if (former == predecessor.counts.end()) continue;
    const Predecessor::Count& count = former->second;
    // A configuration that says something new is meant.
    if (pool.count() != count.configured || count.scaled == count.configured ||
        count.scaled == 0) {
      continue;
    }
    kept[pool.name()] = count;
    pool.set_count(count.scaled);
  }
  return kept;
}

std::string Describe(const Predecessor& predecessor) {
  std::string text = "the former supervisor";
  if (predecessor.pid != 0) {
    absl::StrAppend(&text, " (pid ", predecessor.pid, ", started ",
                    TimeOf(predecessor.started), ", last sign of life ",
                    TimeOf(predecessor.last_sign), ")");
  }
  absl::StrAppend(&text, " was killed",
                  predecessor.ended_by.empty() ? "" : " by ",
                  predecessor.ended_by, "; ", predecessor.workers.size(),
                  " workers lost it");
  if (!predecessor.unknown.empty()) {
    absl::StrAppend(&text, ", and not all are known: ", predecessor.unknown);
  }
  return text;
}

std::string Describe(const LostWorker& worker) {
  std::string text =
      absl::StrCat("lost ", output::Sanitize(worker.id.pool), "/",
                   worker.id.slot, " (incarnation ", worker.id.incarnation,
                   ", pid ", worker.pid, "): ", core::Name(worker.state));
  if (!worker.status_text.empty()) {
    absl::StrAppend(&text, ", \"", output::Sanitize(worker.status_text), "\"");
  }
  return text;
}

admin::v1::Predecessor ToMessage(const Predecessor& predecessor) {
  admin::v1::Predecessor message;
  message.set_pid(predecessor.pid);
  if (predecessor.pid != 0) {
    control::Fill(predecessor.started, message.mutable_start_time());
    control::Fill(predecessor.last_sign, message.mutable_last_sign_time());
  }
  message.set_ended_by(predecessor.ended_by);
  message.set_unknown(predecessor.unknown);
  message.set_workers_lost(static_cast<uint32_t>(predecessor.workers.size()));
  for (const LostWorker& worker : predecessor.workers) {
    if (message.workers().size() >= static_cast<int>(Predecessor::kShownMax)) {
      break;
    }
    admin::v1::LostWorker* lost = message.add_workers();
    lost->mutable_id()->set_pool(output::Sanitize(worker.id.pool));
    lost->mutable_id()->set_slot(worker.id.slot);
    lost->mutable_id()->set_generation(worker.id.generation);
    lost->mutable_id()->set_incarnation(worker.id.incarnation);
    lost->set_pid(worker.pid);
    lost->set_state(control::WorkerStateOf(worker.state));
    lost->set_status_text(output::Sanitize(worker.status_text));
  }
  return message;
}

}  // namespace drover
