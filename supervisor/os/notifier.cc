#include "supervisor/os/notifier.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"

namespace drover::os {
namespace {

struct UnixAddress {
  sockaddr_un address = {};
  socklen_t size = 0;
};

absl::StatusOr<UnixAddress> Parse(const std::string& text) {
  const bool abstract = !text.empty() && text.front() == '@';
  if (!abstract && (text.empty() || text.front() != '/')) {
    return absl::InvalidArgumentError("neither a path nor an abstract name");
  }
  UnixAddress to;
  if (text.size() < 2 || text.size() >= sizeof(to.address.sun_path)) {
    return absl::InvalidArgumentError("no address of a unix socket");
  }
  to.address.sun_family = AF_UNIX;
  text.copy(to.address.sun_path, text.size());
  if (abstract) to.address.sun_path[0] = '\0';
  // An abstract name ends where the address does, a path with a NUL.
  to.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                   text.size() + (abstract ? 0 : 1));
  return to;
}

absl::Status ConnectTo(int socket, const std::string& text) {
  absl::StatusOr<UnixAddress> to = Parse(text);
  if (!to.ok()) return to.status();
  if (::connect(socket, reinterpret_cast<sockaddr*>(&to->address), to->size) !=
      0) {
    return absl::ErrnoToStatus(errno, "connect");
  }
  return absl::OkStatus();
}

ssize_t SendWithFd(int socket, const std::string& text, int fd) {
  iovec content = {const_cast<char*>(text.data()), text.size()};
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    ::memcpy(CMSG_DATA(header), &fd, sizeof(int));
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Notifier>> Notifier::Connect(
    asio::io_context& io, const std::string& address) {
  UniqueFd socket(
      ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.ok()) return absl::ErrnoToStatus(errno, "socket");
  // Connected, so that the loop hears when a full queue has room again.
  if (absl::Status connected = ConnectTo(socket.get(), address);
      !connected.ok()) {
    return connected;
  }
  return std::unique_ptr<Notifier>(
      new Notifier(io, std::move(socket), address));
}

Notifier::Notifier(asio::io_context& io, UniqueFd socket, std::string address)
    : address_(std::move(address)), watcher_(io, std::move(socket)) {
  watcher_.OnWritable([this] { Pump(); });
}

void Notifier::Keep(const std::string& name, int fd) {
  UniqueFd ours(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!ours.ok()) {
    log::Warning(absl::StrCat("cannot have ", name,
                              " kept for a successor: ", ::strerror(errno)));
    return;
  }
  kept_.insert(name);
  Send({absl::StrCat("FDSTORE=1\nFDNAME=", name, "\n"), std::move(ours)});
}

void Notifier::Drop(const std::string& name) {
  kept_.erase(name);
  Send(absl::StrCat("FDSTOREREMOVE=1\nFDNAME=", name, "\n"));
}

void Notifier::DropAll() {
  while (!kept_.empty()) Drop(std::string(*kept_.begin()));
}

void Notifier::Send(Datagram datagram) {
  if (waiting_.size() >= kWaitingMax) {
    log::Warning("the service manager does not read; a notification is lost");
    return;
  }
  waiting_.push_back(std::move(datagram));
  Pump();
}

void Notifier::Pump() {
  while (!waiting_.empty()) {
    if (!TrySend(waiting_.front())) {
      watcher_.WaitWritable();
      return;
    }
    waiting_.pop_front();
  }
}

bool Notifier::TrySend(const Datagram& datagram) {
  for (bool again : {true, false}) {
    if (SendWithFd(watcher_.fd(), datagram.text, datagram.fd.get()) >= 0) {
      told_lost_ = false;
      return true;
    }
    if (errno == EAGAIN || errno == ENOBUFS) return false;
    const int error_number = errno;
    // One that was started again listens at the same address.
    if (again && ConnectTo(watcher_.fd(), address_).ok()) continue;
    Lost(error_number);
    break;
  }
  return true;
}

void Notifier::Lost(int error_number) {
  if (std::exchange(told_lost_, true)) return;
  log::Warning(
      absl::StrCat("who started this supervisor does not hear it any more (",
                   ::strerror(error_number),
                   "): if it dies now its listeners are closed with it"));
}

void Notifier::Flush(std::chrono::milliseconds patience) {
  const auto latest = std::chrono::steady_clock::now() + patience;
  Pump();
  while (!waiting_.empty()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        latest - std::chrono::steady_clock::now());
    pollfd room = {watcher_.fd(), POLLOUT, 0};
    if (left.count() <= 0 ||
        ::poll(&room, 1, static_cast<int>(left.count())) <= 0) {
      return;
    }
    Pump();
  }
}

}  // namespace drover::os
