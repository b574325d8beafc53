#include "drover/error.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "drover.h"

namespace drover {
namespace {

// Under which a status carries the C library's number.
constexpr char kErrorUrl[] = "drover.dev/c-error";

absl::StatusCode CodeOf(int error) {
  switch (error) {
    case DROVER_E_INVALID:
      return absl::StatusCode::kInvalidArgument;
    case DROVER_E_CAPABILITY:
      return absl::StatusCode::kUnimplemented;
    case DROVER_E_AGAIN:
      return absl::StatusCode::kUnavailable;
    case DROVER_E_LIMIT:
      return absl::StatusCode::kOutOfRange;
    case DROVER_E_NOT_FOUND:
      return absl::StatusCode::kNotFound;
    case DROVER_E_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case DROVER_E_SYSTEM:
      return absl::StatusCode::kInternal;
    case DROVER_E_STATE:
    case DROVER_E_LISTENER:
    case DROVER_E_VERSION:
    case DROVER_E_CHANNEL:
    case DROVER_E_FORKED:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kUnknown;
  }
}

}  // namespace

absl::Status ToStatus(int result) {
  if (result >= 0) return absl::OkStatus();
  std::string message = drover_strerror(result);
  if (result == DROVER_E_SYSTEM) {
    absl::StrAppend(&message, ": ", std::strerror(errno));
  }
  absl::Status status(CodeOf(result), message);
  status.SetPayload(kErrorUrl, absl::Cord(absl::StrCat(result)));
  return status;
}

int ErrorOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kErrorUrl);
  int error = 0;
  if (!payload.has_value() ||
      !absl::SimpleAtoi(std::string(*payload), &error)) {
    return 0;
  }
  return error;
}

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  const int error = ErrorOf(status);
  return error == 0 ? 1 : drover_exit_code(error);
}

}  // namespace drover
