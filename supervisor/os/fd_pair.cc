#include "supervisor/os/fd_pair.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace drover::os {
namespace {

std::optional<FdPair> Own(const int (&fds)[2]) {
  FdPair pair{.ours = UniqueFd(fds[0]), .theirs = UniqueFd(fds[1])};
  if (::fcntl(fds[0], F_SETFL, O_NONBLOCK) != 0) return std::nullopt;
  return pair;
}

}  // namespace

std::optional<FdPair> MakeSocketPair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
    return std::nullopt;
  }
  return Own(fds);
}

std::optional<FdPair> MakeOutputPair() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return std::nullopt;
  return Own(fds);
}

}  // namespace drover::os
