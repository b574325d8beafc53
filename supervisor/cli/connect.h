// The way to the supervisor's unix socket.
#ifndef SUPERVISOR_CLI_CONNECT_H_
#define SUPERVISOR_CLI_CONNECT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drover::cli {

// A connected, non-blocking socket, which the caller owns. The kernel's own
// words where it fails: gRPC would say "failed to connect to all addresses".
absl::StatusOr<int> ConnectTo(const std::string& path);

// What it means that the supervisor hung up before it said anything: refused at
// accept, if another user owns it.
absl::Status HungUp(const std::string& path);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_CONNECT_H_
