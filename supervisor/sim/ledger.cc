#include "supervisor/sim/ledger.h"

#include <algorithm>
#include <csignal>

namespace drover::sim {
namespace {

Budget BudgetBy(const config::v1::Pool& spec, uint32_t count) {
  const core::ReloadSettings reload = core::SettingsOf(spec).reload;
  return {reload.max_surge, reload.max_unavailable, reload.min_ready_time,
          count};
}

}  // namespace

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

Record* Ledger::Get(core::Incarnation process) {
  auto it = records_.find(process);
  return it == records_.end() ? nullptr : &it->second;
}

const Record* Ledger::Find(core::Incarnation process) const {
  auto it = records_.find(process);
  return it == records_.end() ? nullptr : &it->second;
}

void Ledger::Note(const core::Event& event, absl::Time now) {
  if (const auto* spawned = std::get_if<core::Spawned>(&event)) {
    if (Record* record = Get(spawned->incarnation)) record->spawned = true;
  } else if (const auto* frame = std::get_if<core::FrameReceived>(&event)) {
    Record* record = Get(frame->incarnation);
    if (record != nullptr) NoteFrame(*record, frame->message, now);
  } else if (const auto* failed = std::get_if<core::SpawnFailed>(&event)) {
    ended_ = failed->incarnation;
  } else if (const auto* exited = std::get_if<core::Exited>(&event)) {
    ended_ = exited->incarnation;
  } else if (const auto* stopped = std::get_if<core::ProcessStopped>(&event)) {
    if (Record* record = Get(stopped->incarnation)) record->was_frozen = true;
  }
}

void Ledger::NoteFrame(Record& record, const ToSupervisor& message,
                       absl::Time now) {
  if (message.has_pong() && message.pong().id() == record.ping) {
    record.ping_open = false;
  }
  if (!message.has_state() || message.re() != record.command_op ||
      record.command_op == 0) {
    return;
  }
  const worker::v1::State state = message.state().state();
  if (state == worker::v1::STATE_STARTED &&
      record.told == Record::Told::kStart &&
      record.state == core::WorkerState::kStarting) {
    if (!record.started) record.started_at = now;
    record.started = true;
  }
  if (state == worker::v1::STATE_STOPPED &&
      record.told == Record::Told::kStop) {
    record.stopped = true;
  }
}

void Ledger::Note(const core::Effect& effect, absl::Time now,
                  const core::Supervisor& core) {
  if (const auto* spawn = std::get_if<core::Spawn>(&effect)) {
    Record record;
    record.id = spawn->identity;
    record.settings = core::SettingsOf(*spawn->spec).worker;
    record.asked_for = now;
    record.state_since = now;
    record.held_up = held_up_;
    records_.emplace(record.id.incarnation, std::move(record));
  } else if (const auto* send = std::get_if<core::Send>(&effect)) {
    Record* record = Get(send->incarnation);
    if (record != nullptr) NoteSend(*record, send->message);
  } else if (const auto* signal = std::get_if<core::Signal>(&effect)) {
    Record* record = Get(signal->incarnation);
    if (record == nullptr) return;
    for (int number : signal->signals) {
      record->terminated |= number == SIGTERM;
      record->killed |= number == SIGKILL;
    }
    record->ending |= record->terminated || record->killed;
    record->leaving |= record->ending;
  } else if (const auto* update = std::get_if<core::UpdatePool>(&effect)) {
    for (auto& [process, record] : records_) {
      if (record.id.pool != update->pool) continue;
      // What was tolerated has not used its time up.
      if (record.was_frozen) record.state_since = now;
      record.settings = core::SettingsOf(*update->spec).worker;
    }
  } else if (const auto* notify = std::get_if<core::Notify>(&effect)) {
    NoteNotice(notify->notice, now, core);
  } else if (std::holds_alternative<core::Finish>(effect)) {
    finished_ = true;
  }
}

void Ledger::NoteSend(Record& record, const ToWorker& message) {
  if (message.op() != 0) {
    record.last_op = message.op();
    if (!message.has_reload()) record.command_op = message.op();
  }
  switch (message.body_case()) {
    case ToWorker::kWelcome: {
      record.welcomed = true;
      const auto& agreed = message.welcome().capabilities();
      record.can_resume =
          std::find(agreed.begin(), agreed.end(),
                    worker::v1::CAPABILITY_RESUME) != agreed.end();
      break;
    }
    case ToWorker::kStart:
      record.resumed |= record.told == Record::Told::kStop;
      record.told = Record::Told::kStart;
      record.started = record.stopped = false;
      break;
    case ToWorker::kStop:
      record.told = Record::Told::kStop;
      record.leaving |= message.stop().cause() != worker::v1::CAUSE_MAINTENANCE;
      record.started = record.stopped = false;
      break;
    case ToWorker::kQuit:
      record.told = Record::Told::kQuit;
      record.leaving = record.ending = true;
      break;
    case ToWorker::kPing:
      record.ping = message.ping().id();
      record.ping_open = true;
      break;
    default:
      break;
  }
}

void Ledger::NoteNotice(const core::Notice& notice, absl::Time now,
                        const core::Supervisor& core) {
  if (const auto* changed = std::get_if<core::WorkerChanged>(&notice)) {
    Record* record = Get(changed->worker.incarnation);
    if (record == nullptr) return;
    record->state = changed->state;
    record->state_since = now;
    record->held_up = held_up_;
    if (changed->state == core::WorkerState::kFailed) {
      record->leaving = record->ending = true;
    }
    // Of its own accord, where nobody told it.
    record->leaving |= changed->state == core::WorkerState::kShuttingDown;
  } else if (const auto* news = std::get_if<core::OperationChanged>(&notice)) {
    NoteOperation(news->operation, core);
  }
}

void Ledger::NoteOperation(core::OperationId id, const core::Supervisor& core) {
  auto [it, is_new] = operations_.try_emplace(id);
  OperationRecord& operation = it->second;
  if (!is_new) {
    operation.state = core.StateOf(id).value_or(operation.state);
    return;
  }
  const auto view = core.FindOperation(id);
  if (!view) return;
  operation = {view->kind, view->state, view->pool, view->done};
  if (view->kind != core::OperationKind::kReload) return;
  auto asked = asked_.find(view->pool);
  if (asked != asked_.end()) {
    budgets_[view->pool] = asked->second;
  } else if (const auto pool = core.FindPool(view->pool)) {
    budgets_[view->pool] = BudgetBy(*pool->spec, pool->count);
  }
}

void Ledger::Ask(const core::Apply& apply) {
  for (const core::PoolChange& change : apply.changes) {
    if (change.kind != core::PoolChangeKind::kReload) continue;
    asked_[change.spec.name()] = BudgetBy(change.spec, change.spec.count());
  }
}

const Budget* Ledger::BudgetOf(const std::string& pool) const {
  auto it = budgets_.find(pool);
  return it != budgets_.end() && Runs(core::OperationKind::kReload, pool)
             ? &it->second
             : nullptr;
}

void Ledger::Close() {
  records_.erase(ended_);
  ended_ = 0;
  asked_.clear();
  for (auto it = operations_.begin(); it != operations_.end();) {
    it =
        core::IsFinal(it->second.state) ? operations_.erase(it) : std::next(it);
  }
}

bool Ledger::Runs(core::OperationKind kind, absl::string_view pool) const {
  return std::any_of(
      operations_.begin(), operations_.end(), [&](const auto& entry) {
        return entry.second.kind == kind && entry.second.pool == pool &&
               !core::IsFinal(entry.second.state);
      });
}

}  // namespace drover::sim
