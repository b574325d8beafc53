// All listening sockets, shared by the generations that name them.
#ifndef SUPERVISOR_OS_LISTENER_SET_H_
#define SUPERVISOR_OS_LISTENER_SET_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/os/listener.h"
#include "supervisor/os/socket_store.h"

namespace drover::os {

// Knows the sockets by address and owns none: a socket is closed when the last
// one who took it lets go of it. A port 0 is another socket in each pool and
// under each name. Not thread-safe.
class ListenerSet {
 public:
  // `sockets` is borrowed.
  explicit ListenerSet(SocketStore& sockets) : sockets_(sockets) {}

  // The listeners of a pool, in its order: those that are open already as they
  // are, the others opened. All or nothing; the error names pool, listener and
  // address: "pool web: listener http (tcp://127.0.0.1:8080): Address already
  // in use".
  absl::StatusOr<std::vector<NamedListener>> Take(const config::v1::Pool& pool);

  // All that are open, in the order in which Write() writes them.
  std::vector<std::shared_ptr<Listener>> Open() const;
  void Write(state::v1::Shell* to, FdLedger* fds) const;
  // Into an empty set; the sockets close unless the result is kept.
  std::vector<std::shared_ptr<Listener>> Read(const state::v1::Shell& from,
                                              FdIntake* fds);

 private:
  SocketStore& sockets_;
  std::map<std::string, std::weak_ptr<Listener>> open_;
};

// All listeners that these pools name, as a socket store knows them.
std::vector<SocketStore::Wanted> SocketsOf(const config::v1::Config& config);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_LISTENER_SET_H_
