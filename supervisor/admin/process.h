// What the gateway does to its own process before it listens to anybody.
#ifndef SUPERVISOR_ADMIN_PROCESS_H_
#define SUPERVISOR_ADMIN_PROCESS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drover::admin {

// No new privileges by execve, no core dump or tracing by its own user (another
// process of that user may be anybody's), no SIGPIPE; Ctrl-C at the terminal is
// the supervisor's. The supervisor has already chosen the user.
absl::Status GiveUpPrivileges();

// Closes every descriptor but the standard ones and these two, which must not
// outlive an execve. InvalidArgument if `listener` is no listening unix socket.
absl::Status KeepOnly(int channel, int listener);

// Raises the soft limit of descriptors to what so many connections need, and
// returns how many really fit.
absl::StatusOr<size_t> MakeRoom(uint32_t max_connections);

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_PROCESS_H_
