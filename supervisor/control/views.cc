#include "supervisor/control/views.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "supervisor/control/safe_text.h"
#include "supervisor/output/sanitize.h"

namespace drover::control {
namespace {

using output::Sanitize;

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Of one line of an exit's last output; and what a list shows of it.
constexpr size_t kLineBytes = 1024;
constexpr size_t kLineBytesInLists = 200;
constexpr int kLinesInLists = 5;

// Ages and remaining times are never below zero for people.
void Fill(absl::Duration duration, google::protobuf::Duration* to) {
  int64_t nanos = std::max(int64_t{0}, absl::ToInt64Nanoseconds(duration));
  to->set_seconds(nanos / kNanosPerSecond);
  to->set_nanos(static_cast<int32_t>(nanos % kNanosPerSecond));
}

admin::v1::WorkerState StateOf(core::WorkerState state, bool clean) {
  switch (state) {
    case core::WorkerState::kSpawned:
      return admin::v1::WORKER_STATE_SPAWNED;
    case core::WorkerState::kInitialized:
      return admin::v1::WORKER_STATE_INITIALIZED;
    case core::WorkerState::kStarting:
      return admin::v1::WORKER_STATE_STARTING;
    case core::WorkerState::kStarted:
      return admin::v1::WORKER_STATE_STARTED;
    case core::WorkerState::kStopping:
      return admin::v1::WORKER_STATE_STOPPING;
    case core::WorkerState::kStopped:
      return admin::v1::WORKER_STATE_STOPPED;
    case core::WorkerState::kShuttingDown:
      return admin::v1::WORKER_STATE_SHUTTING_DOWN;
    case core::WorkerState::kFailed:
      return admin::v1::WORKER_STATE_FAILED;
    case core::WorkerState::kEnded:
      return clean ? admin::v1::WORKER_STATE_SHUT_DOWN
                   : admin::v1::WORKER_STATE_FAILED;
  }
  return admin::v1::WORKER_STATE_UNSPECIFIED;
}

admin::v1::WorkerState StateOf(core::VacancyKind vacancy,
                               core::WorkerState state, bool clean) {
  switch (vacancy) {
    case core::VacancyKind::kNone:
      return StateOf(state, clean);
    case core::VacancyKind::kWaiting:
      return admin::v1::WORKER_STATE_WAITING;
    case core::VacancyKind::kBackingOff:
      return admin::v1::WORKER_STATE_BACKING_OFF;
    case core::VacancyKind::kLeft:
      return admin::v1::WORKER_STATE_FAILED;
    case core::VacancyKind::kStopped:
      return clean ? admin::v1::WORKER_STATE_SHUT_DOWN
                   : admin::v1::WORKER_STATE_FAILED;
  }
  return admin::v1::WORKER_STATE_UNSPECIFIED;
}

admin::v1::PoolState StateOf(core::PoolState state) {
  switch (state) {
    case core::PoolState::kStarting:
      return admin::v1::POOL_STATE_STARTING;
    case core::PoolState::kRunning:
      return admin::v1::POOL_STATE_RUNNING;
    case core::PoolState::kStopping:
      return admin::v1::POOL_STATE_STOPPING;
    case core::PoolState::kStopped:
      return admin::v1::POOL_STATE_STOPPED;
    case core::PoolState::kRemoving:
      return admin::v1::POOL_STATE_REMOVING;
    case core::PoolState::kFailed:
      return admin::v1::POOL_STATE_FAILED;
    case core::PoolState::kWaiting:
      return admin::v1::POOL_STATE_WAITING;
  }
  return admin::v1::POOL_STATE_UNSPECIFIED;
}

admin::v1::OperationKind KindOf(core::OperationKind kind) {
  switch (kind) {
    case core::OperationKind::kApply:
      return admin::v1::OPERATION_KIND_APPLY;
    case core::OperationKind::kScale:
      return admin::v1::OPERATION_KIND_SCALE;
    case core::OperationKind::kReload:
      return admin::v1::OPERATION_KIND_RELOAD;
    case core::OperationKind::kRestart:
      return admin::v1::OPERATION_KIND_RESTART;
    case core::OperationKind::kStop:
      return admin::v1::OPERATION_KIND_STOP;
    case core::OperationKind::kStart:
      return admin::v1::OPERATION_KIND_START;
    case core::OperationKind::kShutdown:
      return admin::v1::OPERATION_KIND_SHUTDOWN;
    case core::OperationKind::kRemove:
      return admin::v1::OPERATION_KIND_REMOVE;
  }
  return admin::v1::OPERATION_KIND_UNSPECIFIED;
}

admin::v1::OperationState StateOf(core::OperationState state) {
  switch (state) {
    case core::OperationState::kRunning:
      return admin::v1::OPERATION_STATE_RUNNING;
    case core::OperationState::kRollingBack:
      return admin::v1::OPERATION_STATE_ROLLING_BACK;
    case core::OperationState::kSucceeded:
      return admin::v1::OPERATION_STATE_SUCCEEDED;
    case core::OperationState::kFailed:
      return admin::v1::OPERATION_STATE_FAILED;
    case core::OperationState::kRolledBack:
      return admin::v1::OPERATION_STATE_ROLLED_BACK;
    case core::OperationState::kCancelled:
      return admin::v1::OPERATION_STATE_CANCELLED;
    case core::OperationState::kSuperseded:
      return admin::v1::OPERATION_STATE_SUPERSEDED;
  }
  return admin::v1::OPERATION_STATE_UNSPECIFIED;
}

admin::v1::WorkerRole RoleOf(core::WorkerRole role) {
  switch (role) {
    case core::WorkerRole::kIncumbent:
      return admin::v1::WORKER_ROLE_INCUMBENT;
    case core::WorkerRole::kSuccessor:
      return admin::v1::WORKER_ROLE_SUCCESSOR;
    case core::WorkerRole::kOutgoing:
      return admin::v1::WORKER_ROLE_OUTGOING;
  }
  return admin::v1::WORKER_ROLE_UNSPECIFIED;
}

// The core's numbers are the API's (core/failure.h).
admin::v1::FailureReason ReasonOf(core::FailureReason reason) {
  return static_cast<admin::v1::FailureReason>(reason);
}

void FillReason(const core::Exit& exit, admin::v1::Exit* to) {
  if (const auto* signal = std::get_if<core::ExternalSignal>(&exit.reason)) {
    to->mutable_external_signal()->set_signal(signal->signal);
    to->mutable_external_signal()->set_name(core::SignalName(signal->signal));
    to->set_core_dumped(signal->core_dumped);
  } else if (const auto* code = std::get_if<core::AbnormalExit>(&exit.reason)) {
    to->mutable_abnormal_exit()->set_code(code->code);
  } else if (const auto* spawn =
                 std::get_if<core::SpawnFailure>(&exit.reason)) {
    to->mutable_spawn_failure()->set_step(spawn->step);
    to->mutable_spawn_failure()->set_error_number(spawn->error_number);
    to->mutable_spawn_failure()->set_error_text(
        core::ErrorText(spawn->error_number));
  } else {
    to->mutable_normal_exit();
  }
}

void FillWaiting(const core::WaitingView& view, const Clock& clock,
                 admin::v1::Waiting* to) {
  *to->mutable_worker() = ToMessage(view.worker);
  to->set_state(StateOf(view.vacancy, view.state, /*clean=*/false));
  to->set_what(view.what);
  Fill(clock.now - view.since, to->mutable_since());
  if (view.deadline) {
    Fill(*view.deadline - clock.now, to->mutable_deadline_in());
  }
}

void FillIntroduction(const core::Introduction& from, admin::v1::Worker* to,
                      int32_t pid) {
  to->set_program(Sanitize(from.program));
  to->set_program_version(Sanitize(from.version));
  to->set_sdk(Sanitize(from.sdk));
  to->mutable_capabilities()->Assign(from.capabilities.begin(),
                                     from.capabilities.end());
  if (from.pid != pid) to->set_hello_pid(from.pid);
}

}  // namespace

admin::v1::WorkerState WorkerStateOf(core::WorkerState state) {
  return StateOf(state, /*clean=*/false);
}

admin::v1::PoolState PoolStateOf(core::PoolState state) {
  return StateOf(state);
}

void Fill(absl::Time time, google::protobuf::Timestamp* to) {
  int64_t nanos = absl::ToUnixNanos(time);
  to->set_seconds(nanos / kNanosPerSecond);
  to->set_nanos(static_cast<int32_t>(nanos % kNanosPerSecond));
}

admin::v1::WorkerId ToMessage(const core::Identity& identity) {
  admin::v1::WorkerId message;
  message.set_pool(identity.pool);
  message.set_slot(identity.slot);
  message.set_generation(identity.generation);
  message.set_incarnation(identity.incarnation);
  return message;
}

admin::v1::Exit ToMessage(const core::Exit& exit, const Clock& clock) {
  admin::v1::Exit message;
  FillReason(exit, &message);
  message.set_due(exit.due);
  message.set_by_supervisor(exit.by_supervisor);
  message.set_cause(ReasonOf(exit.cause));
  message.set_text(Sanitize(core::Describe(exit)));
  message.set_last_words(Sanitize(exit.last_words));
  message.set_out_of_memory(exit.out_of_memory);
  for (const std::string& line : exit.last_output) {
    message.add_last_output(SafeText(line, kLineBytes));
  }
  Fill(clock.to_wall(exit.time), message.mutable_time());
  *message.mutable_worker() = ToMessage(exit.worker);
  message.set_was_started(exit.was_started);
  return message;
}

admin::v1::Failure ToMessage(const core::Failure& failure, const Clock& clock) {
  admin::v1::Failure message;
  message.set_reason(ReasonOf(failure.reason));
  message.set_message(Sanitize(failure.message));
  message.set_remedy(failure.remedy);
  if (failure.worker) *message.mutable_worker() = ToMessage(*failure.worker);
  if (failure.exit != nullptr) {
    *message.mutable_exit() = ToMessage(*failure.exit, clock);
  }
  return message;
}

admin::v1::Worker ToMessage(const core::WorkerView& view, const Clock& clock) {
  const bool clean = view.last_exit != nullptr && view.last_exit->clean();
  admin::v1::Worker message;
  *message.mutable_id() = ToMessage(view.id);
  message.set_state(StateOf(view.vacancy, view.state, clean));
  message.set_pid(view.pid);
  Fill(clock.now - view.state_since, message.mutable_state_age());
  if (view.vacancy == core::VacancyKind::kNone) {
    Fill(clock.now - view.spawned_at, message.mutable_age());
  }
  message.set_status_text(Sanitize(view.status_text));
  message.set_in_flight(view.in_flight);
  for (const auto& [name, value] : view.gauges) {
    (*message.mutable_gauges())[Sanitize(name)] = value;
  }
  FillIntroduction(view.introduction, &message, view.pid);
  message.set_restarts(view.restarts);
  message.set_process_stopped(view.process_stopped);
  message.set_lame_duck(view.lame_duck);
  if (view.deadline) {
    Fill(*view.deadline - clock.now, message.mutable_deadline_in());
  }
  if (view.last_exit != nullptr) {
    *message.mutable_last_exit() = ToMessage(*view.last_exit, clock);
  }
  message.set_role(RoleOf(view.role));
  if (view.last_pong) {
    Fill(clock.now - *view.last_pong, message.mutable_last_pong_age());
  }
  return message;
}

admin::v1::Operation ToMessage(const core::OperationView& view,
                               const Clock& clock) {
  admin::v1::Operation message;
  message.set_id(ToText(view.id));
  message.set_kind(KindOf(view.kind));
  message.set_state(StateOf(view.state));
  message.set_pool(view.pool);
  message.set_plan(view.plan);
  Fill(clock.to_wall(view.created), message.mutable_create_time());
  if (view.ended) {
    Fill(clock.to_wall(*view.ended), message.mutable_end_time());
  }
  message.set_done(view.done);
  message.set_total(view.total);
  for (const core::WaitingView& waiting : view.waiting) {
    FillWaiting(waiting, clock, message.add_waiting());
  }
  message.set_waiting_more(view.waiting_more);
  if (view.failure != nullptr) {
    *message.mutable_failure() = ToMessage(*view.failure, clock);
  }
  for (core::OperationId child : view.children) {
    message.add_children(ToText(child));
  }
  if (view.parent != 0) message.set_parent(ToText(view.parent));
  message.set_caller(view.caller);
  return message;
}

admin::v1::LogLine ToMessage(const output::Line& line) {
  admin::v1::LogLine message;
  *message.mutable_worker() = ToMessage(
      core::Identity{line.pool, line.slot, line.generation, line.incarnation});
  Fill(line.time, message.mutable_time());
  message.set_stream(line.stream == output::Stream::kStdout
                         ? admin::v1::LOG_STREAM_STDOUT
                         : admin::v1::LOG_STREAM_STDERR);
  message.set_line(Sanitize(line.text));
  return message;
}

admin::v1::Pool ToMessage(const core::PoolView& view,
                          const std::vector<BoundListener>& listeners,
                          const Clock& clock) {
  admin::v1::Pool message;
  message.set_name(view.name);
  message.set_state(StateOf(view.state));
  message.set_count(view.count);
  message.set_ready(view.ready);
  message.set_generation(view.generation);
  message.set_next_generation(view.next_generation);
  if (view.bakes_until) {
    Fill(*view.bakes_until - clock.now, message.mutable_bakes_for());
  }
  if (view.operation != 0) message.set_operation(ToText(view.operation));
  if (view.failure != nullptr) {
    *message.mutable_failure() = ToMessage(*view.failure, clock);
  }
  for (const BoundListener& listener : listeners) {
    admin::v1::ListenerInfo* info = message.add_listeners();
    info->set_name(listener.name);
    info->set_address(listener.address);
  }
  message.set_restarts(view.restarts);
  if (view.spec != nullptr) {
    *message.mutable_spec() = *view.spec;
    message.mutable_spec()->set_count(view.count);
    for (auto& [name, value] : *message.mutable_spec()->mutable_environment()) {
      value.clear();
    }
  }
  return message;
}

void Abridge(admin::v1::Exit* exit) {
  auto* lines = exit->mutable_last_output();
  if (lines->size() > kLinesInLists) {
    lines->DeleteSubrange(0, lines->size() - kLinesInLists);
  }
  for (std::string& line : *lines) line = SafeText(line, kLineBytesInLists);
}

void Abridge(admin::v1::Worker* worker) {
  if (worker->has_last_exit()) Abridge(worker->mutable_last_exit());
}

std::string ToText(core::OperationId id) { return absl::StrCat("op-", id); }

std::optional<core::OperationId> ParseOperationId(absl::string_view text) {
  core::OperationId id = 0;
  if (!absl::ConsumePrefix(&text, "op-") || !absl::SimpleAtoi(text, &id)) {
    return std::nullopt;
  }
  return id;
}

}  // namespace drover::control
