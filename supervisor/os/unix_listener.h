// A listening unix socket that takes a dead owner's place and never a living
// one's.
#ifndef SUPERVISOR_OS_UNIX_LISTENER_H_
#define SUPERVISOR_OS_UNIX_LISTENER_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/lock_file.h"
#include "supervisor/os/socket_store.h"

namespace drover::os {

// Owns the socket, its path, and the lock PATH.lock that says so. Removes the
// path when it goes. One that a service manager has handed over has its path
// and no lock from there: they stay.
class UnixListener {
 public:
  // The socket has `mode` from the moment it exists, does not block and is
  // close-on-exec. AlreadyExists: someone listens there (the message names the
  // pid where it is a supervisor), or the path is no socket. Other codes are
  // the errno's. What `sockets` has for the path is taken over, as long as the
  // path is still that socket; it keeps the new one. Changes the umask for a
  // moment: not beside other threads that create files.
  static absl::StatusOr<UnixListener> Open(const std::string& path, mode_t mode,
                                           int backlog, SocketStore& sockets);

  // Written down, and taken over in another program of the same process. The
  // path stays: who only writes it down and goes must not be destroyed.
  void Write(state::v1::UnixSocket* to, FdLedger* fds) const;
  static UnixListener Read(const state::v1::UnixSocket& from,
                           SocketStore& sockets, FdIntake* fds);

  UnixListener(UnixListener&&) = default;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  int fd() const { return socket_.get(); }
  const std::string& path() const { return path_; }

 private:
  UnixListener(std::string path, UniqueFd socket)
      : path_(std::move(path)), socket_(std::move(socket)) {}

  std::string path_;
  // Without one the path is somebody else's.
  std::optional<LockFile> lock_;
  UniqueFd socket_;
  KeptFd kept_lock_;
  KeptFd kept_socket_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_UNIX_LISTENER_H_
