// What the drover command ends with: one table, shown by `drover --help`.
#ifndef SUPERVISOR_CLI_EXIT_CODE_H_
#define SUPERVISOR_CLI_EXIT_CODE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace drover::cli {

// Numbers are part of the interface: they never change their meaning.
enum class ExitCode : int {
  kOk = 0,
  // The operation ended as something else than succeeded.
  kFailed = 1,
  kUsage = 2,
  kNoSupervisor = 3,
  kRefused = 4,
  kNotFound = 5,
  kWrongState = 6,
  kTimedOut = 7,
  // `status --check` alone.
  kNotReady = 8,
  kBusy = 9,
  kInternal = 10,
  kInterrupted = 130,
};

struct ExitCodeText {
  ExitCode code;
  absl::string_view meaning;
};

// All of them, in order.
absl::Span<const ExitCodeText> ExitCodes();
absl::string_view Meaning(ExitCode code);

// The code for a call that ended with `status`.
ExitCode ToExitCode(const absl::Status& status);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_EXIT_CODE_H_
