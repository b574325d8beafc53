#include "supervisor/embed/convert.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

std::string StateName(const core::WorkerView& worker) {
  switch (worker.vacancy) {
    case core::VacancyKind::kNone:
      return std::string(Name(worker.state));
    case core::VacancyKind::kWaiting:
      return "WAITING";
    case core::VacancyKind::kBackingOff:
      return "BACKING_OFF";
    case core::VacancyKind::kLeft:
      return "FAILED";
    case core::VacancyKind::kStopped:
      return "SHUT_DOWN";
  }
  return "";
}

std::string Explain(const core::Failure& failure) {
  std::string out = failure.message;
  if (failure.exit != nullptr) {
    for (const std::string& line : failure.exit->last_output) {
      absl::StrAppend(&out, "\n  output: ", line);
    }
  }
  if (!failure.remedy.empty()) {
    absl::StrAppend(&out, "\n  remedy: ", failure.remedy);
  }
  return out;
}

}  // namespace

WorkerExit ExitOf(const core::Exit& exit) {
  WorkerExit out;
  out.pool = exit.worker.pool;
  out.slot = exit.worker.slot;
  out.generation = exit.worker.generation;
  out.incarnation = exit.worker.incarnation;
  if (const auto* signal = std::get_if<core::ExternalSignal>(&exit.reason)) {
    out.reason = ExitKind::kExternalSignal;
    out.signal = signal->signal;
  } else if (const auto* code = std::get_if<core::AbnormalExit>(&exit.reason)) {
    out.reason = ExitKind::kAbnormalExit;
    out.code = code->code;
  } else if (std::holds_alternative<core::SpawnFailure>(exit.reason)) {
    out.reason = ExitKind::kNotStarted;
  }
  out.by_supervisor = exit.by_supervisor;
  out.text = core::Describe(exit);
  out.last_output = exit.last_output;
  return out;
}

config::v1::ExitAction ActionOf(Decision decision) {
  switch (decision) {
    case Decision::kRestart:
      return config::v1::EXIT_ACTION_RESTART;
    case Decision::kLeave:
      return config::v1::EXIT_ACTION_LEAVE;
    case Decision::kStopPool:
      return config::v1::EXIT_ACTION_STOP_POOL;
    case Decision::kShutDown:
      return config::v1::EXIT_ACTION_SHUT_DOWN;
  }
  return config::v1::EXIT_ACTION_LEAVE;
}

std::vector<WorkerStatus> StatusesOf(
    const std::vector<core::WorkerView>& workers) {
  std::vector<WorkerStatus> statuses;
  for (const core::WorkerView& worker : workers) {
    WorkerStatus status;
    status.pool = worker.id.pool;
    status.slot = worker.id.slot;
    status.generation = worker.id.generation;
    status.state = StateName(worker);
    status.pid = worker.pid;
    status.status_text = worker.status_text;
    status.restarts = worker.restarts;
    statuses.push_back(std::move(status));
  }
  return statuses;
}

absl::Status StatusOf(const core::OperationView& operation) {
  if (operation.state == core::OperationState::kSucceeded) {
    return absl::OkStatus();
  }
  std::string why =
      operation.failure == nullptr ? "" : Explain(*operation.failure);
  if (operation.state == core::OperationState::kCancelled ||
      operation.state == core::OperationState::kSuperseded) {
    return absl::CancelledError(why);
  }
  return absl::AbortedError(why);
}

}  // namespace drover
