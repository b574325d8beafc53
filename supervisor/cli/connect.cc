#include "supervisor/cli/connect.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

constexpr absl::string_view kStartOne =
    "start one with `drover run -f FILE`, or name its socket with --socket or "
    "DROVER_SOCKET";

absl::Status NoSocket() {
  return Problem(absl::StatusCode::kUnavailable,
                 "no admin socket is named and XDG_RUNTIME_DIR is not set",
                 "NO_SUPERVISOR", kStartOne);
}

absl::Status ConnectProblem(const std::string& path, int error) {
  std::string at = absl::StrCat("no supervisor answers at ", path, ": ");
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Problem(absl::StatusCode::kUnavailable,
                     absl::StrCat(at, "there is no such socket"),
                     "NO_SUPERVISOR", kStartOne);
    case ECONNREFUSED:
      return Problem(absl::StatusCode::kUnavailable,
                     absl::StrCat(at, "it was left by one that has ended"),
                     "NO_SUPERVISOR", kStartOne);
    case EACCES:
    case EPERM:
      return Problem(
          absl::StatusCode::kPermissionDenied,
          absl::StrCat("user ", ::geteuid(), " may not open ", path),
          "NOT_ALLOWED",
          "become the supervisor's user, or have its configuration let you in: "
          "supervisor.admin.allow_users and socket_mode");
    case EAGAIN:
      return Problem(absl::StatusCode::kResourceExhausted,
                     absl::StrCat(path, ": too many connections wait already"),
                     "BUSY", "try again in a moment");
    default:
      return Problem(absl::StatusCode::kUnavailable,
                     absl::StrCat(at, strerror(error)), "NO_SUPERVISOR",
                     kStartOne);
  }
}

}  // namespace

absl::StatusOr<int> ConnectTo(const std::string& path) {
  if (path.empty()) return NoSocket();
  sockaddr_un address = {};
  if (path.size() >= sizeof(address.sun_path)) {
    return UsageProblem(absl::StrCat("the socket's path is too long: ", path),
                        "at most 107 bytes");
  }
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return absl::ErrnoToStatus(errno, "socket");
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
      0) {
    return fd;
  }
  int error = errno;
  ::close(fd);
  return ConnectProblem(path, error);
}

absl::Status HungUp(const std::string& path) {
  struct stat info = {};
  bool foreign = ::stat(path.c_str(), &info) == 0 &&
                 info.st_uid != ::geteuid() && ::geteuid() != 0;
  if (foreign) {
    return Problem(
        absl::StatusCode::kPermissionDenied,
        absl::StrCat("the supervisor at ", path, " refused user ", ::geteuid()),
        "NOT_ALLOWED", "ask for a place in supervisor.admin.allow_users");
  }
  return Problem(absl::StatusCode::kUnavailable,
                 absl::StrCat("the supervisor at ", path, " hung up"),
                 "HUNG_UP",
                 "try again; if it stays so, look at the supervisor's own "
                 "output");
}

}  // namespace drover::cli
