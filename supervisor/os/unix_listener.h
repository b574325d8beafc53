// A listening unix socket that takes a dead owner's place and never a living
// one's.
#ifndef SUPERVISOR_OS_UNIX_LISTENER_H_
#define SUPERVISOR_OS_UNIX_LISTENER_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/os/lock_file.h"

namespace drover::os {

// Owns the socket, its path, and the lock PATH.lock that says so. Removes the
// path when it goes.
class UnixListener {
 public:
  // The socket has `mode` from the moment it exists, does not block and is
  // close-on-exec. AlreadyExists: someone listens there (the message names the
  // pid where it is a supervisor), or the path is no socket. Other codes are
  // the errno's. Changes the umask for a moment: not beside other threads that
  // create files.
  static absl::StatusOr<UnixListener> Open(const std::string& path, mode_t mode,
                                           int backlog);

  UnixListener(UnixListener&&) = default;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  int fd() const { return socket_.get(); }
  const std::string& path() const { return path_; }

 private:
  UnixListener(std::string path, LockFile lock, UniqueFd socket)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        socket_(std::move(socket)) {}

  std::string path_;
  LockFile lock_;
  UniqueFd socket_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_UNIX_LISTENER_H_
