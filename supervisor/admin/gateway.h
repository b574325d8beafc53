// The gateway process from Setup to its end.
#ifndef SUPERVISOR_ADMIN_GATEWAY_H_
#define SUPERVISOR_ADMIN_GATEWAY_H_

#include "absl/status/status.h"
#include "supervisor/base/unique_fd.h"

namespace drover::admin {

// Serves until the supervisor closes `channel` or SIGTERM comes: OK. Any other
// status says what was wrong with Setup, the channel or the machine.
//
// Call it once, before any thread is started: it changes signals, limits and
// descriptors of the process. Then end the process with _exit: gRPC's threads
// still run.
absl::Status RunGateway(UniqueFd channel);

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_GATEWAY_H_
