#include "supervisor/cli/words.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "supervisor/cli/text.h"

namespace drover::cli {
namespace {

// The name of an enum's value without its prefix.
std::string Short(const std::string& full, absl::string_view prefix,
                  int number) {
  if (full.empty()) return absl::StrCat(number);
  return std::string(absl::StripPrefix(full, prefix));
}

std::string Lower(const std::string& word) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(word), {{"_", " "}});
}

}  // namespace

std::string Word(admin::v1::WorkerState state) {
  return Short(WorkerState_Name(state), "WORKER_STATE_", state);
}

std::string Word(admin::v1::PoolState state) {
  return Short(PoolState_Name(state), "POOL_STATE_", state);
}

std::string Word(admin::v1::OperationKind kind) {
  return Lower(Short(OperationKind_Name(kind), "OPERATION_KIND_", kind));
}

std::string Word(admin::v1::OperationState state) {
  return Lower(Short(OperationState_Name(state), "OPERATION_STATE_", state));
}

std::string Word(admin::v1::FailureReason reason) {
  return Short(FailureReason_Name(reason), "FAILURE_REASON_", reason);
}

std::string Word(admin::v1::ChangeKind kind) {
  return Lower(Short(ChangeKind_Name(kind), "CHANGE_KIND_", kind));
}

Tone ToneOf(admin::v1::WorkerState state) {
  switch (state) {
    case admin::v1::WORKER_STATE_STARTED:
      return Tone::kGood;
    case admin::v1::WORKER_STATE_FAILED:
    case admin::v1::WORKER_STATE_BACKING_OFF:
      return Tone::kBad;
    case admin::v1::WORKER_STATE_STOPPED:
    case admin::v1::WORKER_STATE_SHUT_DOWN:
      return Tone::kFaint;
    default:
      return Tone::kBusy;
  }
}

Tone ToneOf(admin::v1::PoolState state) {
  switch (state) {
    case admin::v1::POOL_STATE_RUNNING:
      return Tone::kGood;
    case admin::v1::POOL_STATE_FAILED:
      return Tone::kBad;
    case admin::v1::POOL_STATE_STOPPED:
      return Tone::kFaint;
    default:
      return Tone::kBusy;
  }
}

Tone ToneOf(admin::v1::OperationState state) {
  switch (state) {
    case admin::v1::OPERATION_STATE_SUCCEEDED:
      return Tone::kGood;
    case admin::v1::OPERATION_STATE_FAILED:
    case admin::v1::OPERATION_STATE_ROLLED_BACK:
      return Tone::kBad;
    case admin::v1::OPERATION_STATE_CANCELLED:
    case admin::v1::OPERATION_STATE_SUPERSEDED:
      return Tone::kFaint;
    default:
      return Tone::kBusy;
  }
}

std::string Name(const admin::v1::WorkerId& id) {
  return absl::StrCat(Escape(id.pool()), "/", id.slot());
}

std::string Title(const admin::v1::Operation& operation) {
  std::string kind = Word(operation.kind());
  if (operation.pool().empty()) return kind;
  return absl::StrCat(kind, " ", Escape(operation.pool()));
}

bool HasEnded(const admin::v1::Operation& operation) {
  return operation.state() != admin::v1::OPERATION_STATE_RUNNING &&
         operation.state() != admin::v1::OPERATION_STATE_ROLLING_BACK &&
         operation.state() != admin::v1::OPERATION_STATE_UNSPECIFIED;
}

std::string Describe(const admin::v1::Exit& exit) {
  if (!exit.text().empty()) return Escape(exit.text());
  switch (exit.reason_case()) {
    case admin::v1::Exit::kExternalSignal:
      return absl::StrCat("ended by ", Escape(exit.external_signal().name()));
    case admin::v1::Exit::kNormalExit:
      return "ended with code 0";
    case admin::v1::Exit::kAbnormalExit:
      return absl::StrCat("ended with code ", exit.abnormal_exit().code());
    case admin::v1::Exit::kSpawnFailure:
      return absl::StrCat(
          "could not be started: ", Escape(exit.spawn_failure().step()), ": ",
          Escape(exit.spawn_failure().error_text()));
    case admin::v1::Exit::REASON_NOT_SET:
      break;
  }
  return "ended";
}

}  // namespace drover::cli
