#include "supervisor/main/console.h"

#include <unistd.h>

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "supervisor/output/sanitize.h"

namespace drover {
namespace {

void Print(absl::string_view text) {
  std::string line = absl::StrCat("drover: ", text, "\n");
  // Nowhere to report it if this fails.
  [[maybe_unused]] ssize_t written =
      ::write(STDERR_FILENO, line.data(), line.size());
}

std::string Label(const core::Identity& worker) {
  return absl::StrCat(worker.pool, "/", worker.slot);
}

}  // namespace

void PrintError(absl::string_view text) {
  Print(absl::StrCat("error: ", text));
}

void PrintNews(absl::string_view text) { Print(text); }

std::string Explain(const core::Failure& failure) {
  std::string out = output::Sanitize(failure.message);
  if (failure.exit != nullptr && !failure.exit->last_output.empty()) {
    absl::StrAppend(&out, "\n  its last output:");
    for (const std::string& line : failure.exit->last_output) {
      absl::StrAppend(&out, "\n    ", output::Sanitize(line));
    }
  }
  if (!failure.remedy.empty()) {
    absl::StrAppend(&out, "\n  remedy: ", failure.remedy);
  }
  return out;
}

void Console::OnNotice(const core::Notice& notice) {
  if (const auto* exited = std::get_if<core::WorkerExited>(&notice)) {
    Tell(*exited);
  } else if (const auto* worker = std::get_if<core::WorkerChanged>(&notice)) {
    if (worker->state == core::WorkerState::kStarted) {
      TellOmitted(worker->worker.pool);
    }
  } else if (const auto* pool = std::get_if<core::PoolChanged>(&notice)) {
    Tell(*pool);
  } else if (const auto* removed = std::get_if<core::PoolRemoved>(&notice)) {
    Tell(*removed);
  } else if (const auto* operation =
                 std::get_if<core::OperationChanged>(&notice)) {
    Tell(*operation);
  }
}

void Console::Resume() {
  for (const core::OperationView& operation : core_.Operations()) {
    last_begun_ = std::max(last_begun_, operation.id);
    if (!core::IsFinal(operation.state)) running_.insert(operation.id);
  }
}

void Console::Tell(const core::WorkerExited& exited) {
  const core::Exit& exit = *exited.exit;
  if (exit.due || !exit_lines_.Take(exit.worker.pool, exit.time)) return;
  TellOmitted(exit.worker.pool);
  Print(absl::StrCat(Label(exited.exit->worker), " ",
                     output::Sanitize(core::Describe(*exited.exit)), "; ",
                     exited.next));
}

void Console::TellOmitted(const std::string& pool) {
  const std::string omitted = exit_lines_.Omitted(pool);
  if (!omitted.empty()) Print(omitted);
}

void Console::Tell(const core::PoolChanged& changed) {
  if (changed.former == changed.state) return;
  TellOmitted(changed.pool);
  Print(absl::StrCat("pool ", changed.pool, " ", Name(changed.state)));
  auto pool = core_.FindPool(changed.pool);
  if (changed.state == core::PoolState::kFailed && pool && pool->failure) {
    Print(Explain(*pool->failure));
  }
}

void Console::Tell(const core::PoolRemoved& removed) {
  TellOmitted(removed.pool);
  exit_lines_.Forget(removed.pool);
  Print(absl::StrCat("pool ", removed.pool, " is gone"));
}

void Console::Tell(const core::OperationChanged& changed) {
  // Most changes are progress, and a view of an operation is not free.
  auto state = core_.StateOf(changed.operation);
  if (!state) return;
  const bool begins = changed.operation > last_begun_;
  if (begins) {
    last_begun_ = changed.operation;
    running_.insert(changed.operation);
    TellBegun(*core_.FindOperation(changed.operation));
  }
  if (core::IsFinal(*state) && running_.erase(changed.operation) > 0) {
    TellEnded(*core_.FindOperation(changed.operation));
  }
}

void Console::TellBegun(const core::OperationView& operation) {
  Print(absl::StrCat("op-", operation.id, " ", operation.plan, " (",
                     operation.caller, ")"));
}

void Console::TellEnded(const core::OperationView& operation) {
  absl::Duration took = *operation.ended - operation.created;
  Print(absl::StrCat(
      "op-", operation.id, " ", Name(operation.kind), " ",
      Name(operation.state), " in ",
      absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(1)))));
  if (operation.failure != nullptr && operation.children.empty()) {
    Print(Explain(*operation.failure));
  }
}

}  // namespace drover
