#include "supervisor/os/admin_socket.h"

#include <sys/stat.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace drover::os {
namespace {

constexpr int kBacklog = 128;

absl::Status MakeDirectoryOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return absl::OkStatus();
  std::string directory = path.substr(0, slash);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("admin socket: mkdir ", directory));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UnixListener> OpenAdminSocket(const std::string& path,
                                             mode_t mode,
                                             SocketStore& sockets) {
  absl::Status made = MakeDirectoryOf(path);
  if (!made.ok()) return made;
  absl::StatusOr<UnixListener> socket =
      UnixListener::Open(path, mode, kBacklog, sockets);
  if (socket.ok()) return socket;
  std::string message =
      absl::StrCat("admin socket ", path, ": ", socket.status().message());
  if (absl::IsAlreadyExists(socket.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat(message, "; choose another with supervisor.admin.socket"));
  }
  return absl::Status(socket.status().code(), message);
}

}  // namespace drover::os
