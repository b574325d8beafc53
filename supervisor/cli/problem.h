// What went wrong, as absl::Status: the code is gRPC's, the rest (a stable
// reason, the field at fault, the remedy) rides along as admin.v1.ErrorDetail.
#ifndef SUPERVISOR_CLI_PROBLEM_H_
#define SUPERVISOR_CLI_PROBLEM_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

// `reason` is UPPER_SNAKE; `remedy` says what to do.
absl::Status Problem(absl::StatusCode code, absl::string_view message,
                     absl::string_view reason, absl::string_view remedy);

// The same, with the field at fault as a path.
absl::Status FieldProblem(absl::string_view message, absl::string_view reason,
                          absl::string_view field, absl::string_view remedy);

// A wrong command line or file.
absl::Status UsageProblem(absl::string_view message, absl::string_view remedy);

// The user pressed Ctrl-C (or the terminal went away).
absl::Status Interrupted(absl::string_view message);
bool IsInterrupted(const absl::Status& status);

// The supervisor has said everything and ended in order: there is nothing to
// connect to again.
bool IsSupervisorEnd(const absl::Status& status);

// A failed call: gRPC's code and message, and the bytes of
// `grpc-status-details-bin`, which may be anything.
absl::Status FromRpc(int code, const std::string& message,
                     const std::string& details);

// Empty where `status` has none.
admin::v1::ErrorDetail DetailOf(const absl::Status& status);

// "error: …", "field: …", "remedy: …", each on its line.
std::string RenderProblem(const absl::Status& status, const Style& style);
// The same as one JSON object: {"error":{…}}.
std::string RenderProblemJson(const absl::Status& status);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_PROBLEM_H_
