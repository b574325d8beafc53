// What was asked of the world and what the core was told, kept apart from the
// core's own books: the checkers judge by it.
#ifndef SUPERVISOR_SIM_LEDGER_H_
#define SUPERVISOR_SIM_LEDGER_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/base/share.h"
#include "supervisor/core/command.h"
#include "supervisor/core/effect.h"
#include "supervisor/core/event.h"
#include "supervisor/core/settings.h"
#include "supervisor/core/supervisor.h"

namespace drover::sim {

// One process, from its Spawn effect to its end.
struct Record {
  enum class Told { kNothing, kStart, kStop, kQuit };

  core::Identity id;
  core::WorkerSettings settings;
  absl::Time asked_for;
  bool spawned = false;
  bool was_frozen = false;
  // Started again in the same process.
  bool resumed = false;
  // The core's word for its state, and since when.
  core::WorkerState state = core::WorkerState::kSpawned;
  absl::Time state_since;
  absl::Duration held_up;  // the supervisor, until then

  // What the core said to it.
  bool welcomed = false;
  bool can_resume = false;
  Told told = Told::kNothing;
  uint64_t last_op = 0;
  uint64_t command_op = 0;
  uint64_t ping = 0;
  bool ping_open = false;
  bool terminated = false;
  bool killed = false;
  // On its way out: told so, or found guilty. A Stop for maintenance is none.
  bool leaving = false;
  // Quit or a signal was sent, or is about to be.
  bool ending = false;

  // What it answered.
  bool started = false;  // to the command that stands
  bool stopped = false;
  absl::Time started_at = absl::InfinitePast();

  // Takes work, as far as anybody was told.
  bool serves() const { return started && told == Told::kStart && !leaving; }
};

struct OperationRecord {
  core::OperationKind kind = core::OperationKind::kApply;
  core::OperationState state = core::OperationState::kRunning;
  std::string pool;
  uint32_t done = 0;
};

// What a reload may do to its pool, by the spec that it brings.
struct Budget {
  Share surge;
  Share unavailable;
  absl::Duration min_ready_time;
  uint32_t count = 0;

  uint32_t MaxSurge(uint32_t of) const { return RoundedUp(surge, of); }
  // One at least has to go where none may come first.
  uint32_t MaxUnavailable(uint32_t of) const {
    return std::max(RoundedDown(unavailable, of), MaxSurge(of) == 0 ? 1u : 0u);
  }
};

class Ledger {
 public:
  // Before the core hears of it.
  void Ask(const core::Apply& apply);
  // In the order in which they happen. A process that ends is in the books
  // until Close().
  void Note(const core::Event& event, absl::Time now);
  void Note(const core::Effect& effect, absl::Time now,
            const core::Supervisor& core);
  // The step is over.
  void Close();
  // The supervisor stood still.
  void HoldUp(absl::Duration duration) { held_up_ += duration; }

  // nullptr for those that are not, or no more.
  const Record* Find(core::Incarnation process) const;
  const std::map<core::Incarnation, Record>& records() const {
    return records_;
  }
  const std::map<core::OperationId, OperationRecord>& operations() const {
    return operations_;
  }
  // Of the reload by replacement that runs on the pool; nullptr if none does.
  const Budget* BudgetOf(const std::string& pool) const;
  // Whether an operation of this kind runs on the pool.
  bool Runs(core::OperationKind kind, absl::string_view pool) const;
  // The process that ended in this step; 0 if none did.
  core::Incarnation ended() const { return ended_; }
  bool finished() const { return finished_; }
  // For so long in all.
  absl::Duration held_up() const { return held_up_; }

 private:
  Record* Get(core::Incarnation process);
  void NoteFrame(Record& record, const worker::v1::ToSupervisor& message,
                 absl::Time now);
  void NoteSend(Record& record, const worker::v1::ToWorker& message);
  void NoteOperation(core::OperationId id, const core::Supervisor& core);
  void NoteNotice(const core::Notice& notice, absl::Time now,
                  const core::Supervisor& core);

  std::map<core::Incarnation, Record> records_;
  std::map<core::OperationId, OperationRecord> operations_;
  std::map<std::string, Budget> budgets_;
  std::map<std::string, Budget> asked_;
  core::Incarnation ended_ = 0;
  bool finished_ = false;
  absl::Duration held_up_;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_LEDGER_H_
