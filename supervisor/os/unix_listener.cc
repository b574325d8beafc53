#include "supervisor/os/unix_listener.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace drover::os {
namespace {

absl::StatusOr<sockaddr_un> ToAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "path of ", path.size(), " bytes; a unix socket's has at most ",
        sizeof(address.sun_path) - 1));
  }
  path.copy(address.sun_path, path.size());
  return address;
}

UniqueFd MakeSocket() {
  return UniqueFd(
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

const sockaddr* Generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Removes the socket of an owner that is gone.
absl::Status RemoveStale(const std::string& path, const sockaddr_un& address) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::AlreadyExistsError("the path exists and is no socket");
  }
  // Our lock says that no supervisor owns it; another program may.
  UniqueFd probe = MakeSocket();
  if (::connect(probe.get(), Generic(address), sizeof(address)) == 0 ||
      errno == EAGAIN) {
    return absl::AlreadyExistsError(::strerror(EADDRINUSE));
  }
  if (errno != ECONNREFUSED) return absl::ErrnoToStatus(errno, "connect");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return absl::ErrnoToStatus(errno, "unlink");
  }
  return absl::OkStatus();
}

absl::StatusOr<LockFile> Lock(const std::string& path, SocketStore& sockets) {
  if (UniqueFd former = sockets.TakeLock(path); former.ok()) {
    auto adopted = LockFile::Adopt(path + ".lock", std::move(former));
    if (adopted.ok()) return adopted;
  }
  absl::StatusOr<LockFile> lock = LockFile::Acquire(path + ".lock");
  if (lock.ok() || !absl::IsUnavailable(lock.status())) return lock;
  return absl::AlreadyExistsError(absl::StrCat(
      "in use by another supervisor, pid ", lock.status().message()));
}

int BindWithMode(int fd, const sockaddr_un& address, mode_t mode) {
  mode_t former = ::umask(0777 & ~mode);
  int result = ::bind(fd, Generic(address), sizeof(address));
  ::umask(former);
  return result;
}

absl::StatusOr<UniqueFd> Bind(const std::string& path, mode_t mode) {
  absl::StatusOr<sockaddr_un> address = ToAddress(path);
  if (!address.ok()) return address.status();
  if (absl::Status free = RemoveStale(path, *address); !free.ok()) return free;
  UniqueFd socket = MakeSocket();
  if (!socket.ok()) return absl::ErrnoToStatus(errno, "socket");
  if (BindWithMode(socket.get(), *address, mode) != 0) {
    return absl::ErrnoToStatus(errno, "bind");
  }
  return socket;
}

}  // namespace

absl::StatusOr<UnixListener> UnixListener::Open(const std::string& path,
                                                mode_t mode, int backlog,
                                                SocketStore& sockets) {
  const config::Address address = {.kind = config::Address::Kind::kUnix,
                                   .path = path};
  const std::string key = config::ToText(address);
  auto former = sockets.Take({key, address});
  if (former && !former->own) {
    return UnixListener(path, std::move(former->socket));
  }
  // Before the path is touched: it may be too long for a lock, too.
  if (auto fits = ToAddress(path); !fits.ok()) return fits.status();
  absl::StatusOr<LockFile> lock = Lock(path, sockets);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<UniqueFd> socket =
      former && former->place == PlaceOf(path) && !former->place.empty()
          ? std::move(former->socket)
          : Bind(path, mode);
  if (!socket.ok()) return socket.status();
  UnixListener listener(path, *std::move(socket));
  listener.lock_ = *std::move(lock);
  if (::listen(listener.fd(), backlog) != 0) {
    return absl::ErrnoToStatus(errno, "listen");
  }
  listener.kept_lock_ = sockets.KeepLock(path, listener.lock_->fd());
  listener.kept_socket_ = sockets.Keep(key, PlaceOf(path), listener.fd());
  return listener;
}

UnixListener::~UnixListener() {
  // Before the lock goes, or a successor's path could be removed.
  if (socket_.ok() && lock_) ::unlink(path_.c_str());
}

}  // namespace drover::os
