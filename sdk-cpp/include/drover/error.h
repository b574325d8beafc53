// Errors of the C library as absl::Status, and what to exit with.
#ifndef DROVER_ERROR_H_
#define DROVER_ERROR_H_

#include "absl/status/status.h"

namespace drover {

// The status of a result of the C library: OK for 0 and above, otherwise the
// code of the table below with drover_strerror() as its message (and errno's
// text after it where the operating system refused).
//
//   DROVER_E_INVALID     InvalidArgument     mend the call
//   DROVER_E_STATE       FailedPrecondition  not in this state; go on
//   DROVER_E_CAPABILITY  Unimplemented       not agreed on; do without
//   DROVER_E_AGAIN       Unavailable         try again later
//   DROVER_E_LIMIT       OutOfRange          too long, too many
//   DROVER_E_NOT_FOUND   NotFound            no listener of that name
//   DROVER_E_LISTENER    FailedPrecondition  it is no listening socket
//   DROVER_E_NOMEM       ResourceExhausted
//   DROVER_E_VERSION     FailedPrecondition  no common version
//   DROVER_E_CHANNEL     FailedPrecondition  DROVER_FD is no channel
//   DROVER_E_SYSTEM      Internal
//   DROVER_E_FORKED      FailedPrecondition  only the parent may speak
//   any other            Unknown
absl::Status ToStatus(int result);

// The DROVER_E_* that a status was made of; 0 for OK and for statuses that did
// not come from here.
int ErrorOf(const absl::Status& status);

// What a worker exits with after this status: 0 for OK, 78 for a channel,
// version or listener that is not as it should be, 1 for any other.
int ExitCode(const absl::Status& status);

}  // namespace drover

#endif  // DROVER_ERROR_H_
