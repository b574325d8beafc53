#include "supervisor/admin/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"

namespace drover::admin {
namespace {

// A connection's socket and its duplicate in the door.
constexpr rlim_t kDescriptorsPerConnection = 2;
// Everything else: standard streams, channel, listener, gRPC's own.
constexpr rlim_t kOtherDescriptors = 64;

absl::StatusOr<int> SocketOption(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen_fd ", fd, " is not a socket"));
  }
  return value;
}

absl::Status CheckListener(int fd) {
  absl::StatusOr<int> domain = SocketOption(fd, SO_DOMAIN);
  if (!domain.ok()) return domain.status();
  absl::StatusOr<int> listening = SocketOption(fd, SO_ACCEPTCONN);
  if (!listening.ok()) return listening.status();
  if (*domain != AF_UNIX || *listening == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen_fd ", fd, " is not a listening unix socket"));
  }
  return absl::OkStatus();
}

absl::Status CloseBetween(unsigned first, unsigned last) {
  if (first > last) return absl::OkStatus();
  if (::close_range(first, last, 0) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "close_range");
}

}  // namespace

absl::Status GiveUpPrivileges() {
  // The kernel names a program that was executed by its descriptor after the
  // descriptor's number.
  ::prctl(PR_SET_NAME, "drover-gateway", 0, 0, 0);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
    return absl::ErrnoToStatus(errno, "PR_SET_NO_NEW_PRIVS");
  }
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
    return absl::ErrnoToStatus(errno, "PR_SET_DUMPABLE");
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGINT, SIG_IGN);
  // One heap: gRPC's few threads wait more than they allocate.
  ::mallopt(M_ARENA_MAX, 1);
  return absl::OkStatus();
}

absl::Status KeepOnly(int channel, int listener) {
  absl::Status checked = CheckListener(listener);
  if (!checked.ok()) return checked;
  unsigned low = static_cast<unsigned>(std::min(channel, listener));
  unsigned high = static_cast<unsigned>(std::max(channel, listener));
  constexpr unsigned kFirst = STDERR_FILENO + 1;
  absl::Status closed = CloseBetween(kFirst, low - 1);
  if (closed.ok()) closed = CloseBetween(low + 1, high - 1);
  if (closed.ok()) closed = CloseBetween(high + 1, ~0U);
  if (!closed.ok()) return closed;
  for (int fd : {channel, listener}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  // The supervisor made it so; a listener that blocks would stop the loop.
  int flags = ::fcntl(listener, F_GETFL);
  if ((flags & O_NONBLOCK) == 0) ::fcntl(listener, F_SETFL, flags | O_NONBLOCK);
  return absl::OkStatus();
}

absl::StatusOr<size_t> MakeRoom(uint32_t max_connections) {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) {
    return absl::ErrnoToStatus(errno, "RLIMIT_NOFILE");
  }
  rlim_t needed =
      max_connections * kDescriptorsPerConnection + kOtherDescriptors;
  if (limit.rlim_cur < needed) {
    limit.rlim_cur = std::min(needed, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) < 0) {
      return absl::ErrnoToStatus(errno, "RLIMIT_NOFILE");
    }
  }
  if (limit.rlim_cur <= kOtherDescriptors) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a limit of ", limit.rlim_cur, " descriptors"));
  }
  size_t room =
      (limit.rlim_cur - kOtherDescriptors) / kDescriptorsPerConnection;
  if (room >= max_connections) return max_connections;
  log::Warning(absl::StrCat("admin: the limit of ", limit.rlim_cur,
                            " descriptors allows ", room, " connections, not ",
                            max_connections));
  return room;
}

}  // namespace drover::admin
