#include "supervisor/cli/exit_code.h"

#include <array>

#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

constexpr std::array<ExitCodeText, 12> kTexts = {{
    {ExitCode::kOk, "it worked"},
    {ExitCode::kFailed, "the operation failed, rolled back or was cancelled"},
    {ExitCode::kUsage, "the command line or the configuration is wrong"},
    {ExitCode::kNoSupervisor, "no supervisor answers at the socket"},
    {ExitCode::kRefused, "this user is not allowed to do that"},
    {ExitCode::kNotFound, "no such pool, slot or operation"},
    {ExitCode::kWrongState, "wrong state, or another operation runs"},
    {ExitCode::kTimedOut, "no result within --timeout; an operation goes on"},
    {ExitCode::kNotReady, "status --check: a worker is not ready"},
    {ExitCode::kBusy, "the supervisor has too much to do; try later"},
    {ExitCode::kInternal, "a fault in Drover itself, or versions that differ"},
    {ExitCode::kInterrupted, "interrupted by Ctrl-C; an operation goes on"},
}};

}  // namespace

absl::Span<const ExitCodeText> ExitCodes() { return kTexts; }

absl::string_view Meaning(ExitCode code) {
  for (const ExitCodeText& text : kTexts) {
    if (text.code == code) return text.meaning;
  }
  return "";
}

ExitCode ToExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kCancelled:
      return IsInterrupted(status) ? ExitCode::kInterrupted : ExitCode::kFailed;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return ExitCode::kUsage;
    case absl::StatusCode::kUnavailable:
      return ExitCode::kNoSupervisor;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kRefused;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kWrongState;
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kTimedOut;
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kBusy;
    default:
      return ExitCode::kInternal;
  }
}

}  // namespace drover::cli
