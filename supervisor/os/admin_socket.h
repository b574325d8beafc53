// The listening socket of the admin API, which the gateway inherits.
#ifndef SUPERVISOR_OS_ADMIN_SOCKET_H_
#define SUPERVISOR_OS_ADMIN_SOCKET_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "supervisor/os/unix_listener.h"

namespace drover::os {

// Opens the socket at `path`. A missing directory is made with mode 0700 (its
// parents must exist). Errors name the path and, where another supervisor is
// in the way, its pid and what to do: FailedPrecondition then; that supervisor
// is not disturbed. What a dead one left behind is taken over.
absl::StatusOr<UnixListener> OpenAdminSocket(const std::string& path,
                                             mode_t mode, SocketStore& sockets);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_ADMIN_SOCKET_H_
