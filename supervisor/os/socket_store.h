// Listening sockets that outlive a supervisor: what it has kept for its
// successor, and what it was handed itself.
#ifndef SUPERVISOR_OS_SOCKET_STORE_H_
#define SUPERVISOR_OS_SOCKET_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/config/address.h"
#include "supervisor/os/fd_store.h"
#include "supervisor/os/handed_fds.h"

namespace drover::os {

// A socket is known by its key: the address as configured, and who asked for
// it where that is any free port (listener_set.h). Not thread-safe.
class SocketStore {
 public:
  // Has nothing and keeps nothing.
  SocketStore() = default;
  // `store` may be null.
  SocketStore(std::shared_ptr<FdStore> store, std::vector<HandedFd> inherited)
      : store_(std::move(store)), inherited_(std::move(inherited)) {}

  struct Wanted {
    std::string key;
    config::Address address;
  };

  // Of what was handed down, closes what none of these is, and says so: before
  // any is opened, for it may be in the way. Of several for one the first
  // stays.
  void KeepOnly(const std::vector<Wanted>& wanted);

  // A listening socket that was handed down.
  struct Former {
    UniqueFd socket;
    // A supervisor's own, which made it and left it in the store; else a
    // service manager's, whose the path is too.
    bool own = false;
    // Where a unix socket of a supervisor's was bound (PlaceOf()).
    std::string place;
  };
  // It listens and does not block. nullopt: there is none.
  std::optional<Former> Take(const Wanted& wanted);

  // The lock on a unix socket's path, as long as a supervisor's was handed
  // down with it.
  UniqueFd TakeLock(const std::string& path);

  KeptFd Keep(const std::string& key, const std::string& place, int fd);
  KeptFd KeepLock(const std::string& path, int fd);

  // What was handed down under names that begin so, and is no socket.
  std::vector<HandedFd> TakeNamed(absl::string_view prefix);

 private:
  void CloseUnwanted(const HandedFd& unwanted, absl::string_view why);

  std::shared_ptr<FdStore> store_;
  std::vector<HandedFd> inherited_;
};

// Which file a path is: other than its name, it is never the same for two while
// a socket is bound to it. Empty if there is no socket.
std::string PlaceOf(const std::string& path);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_SOCKET_STORE_H_
