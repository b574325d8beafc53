// How the gateway itself ends a call: in the same words as the supervisor, so
// that a client sees one kind of error.
#ifndef SUPERVISOR_ADMIN_REFUSAL_H_
#define SUPERVISOR_ADMIN_REFUSAL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "drover/control/v1/control.pb.h"

namespace drover::admin {

// `reason` is UPPER_SNAKE and stable, `remedy` says what to do (ErrorDetail).
// abseil's codes have gRPC's numbers.
control::v1::End Refusal(absl::StatusCode code, absl::string_view message,
                         absl::string_view reason, absl::string_view remedy);

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_REFUSAL_H_
