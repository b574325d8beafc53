// The gRPC server: the forwarded admin service, health, reflection, and every
// limit that is set on them.
#ifndef SUPERVISOR_ADMIN_SERVER_H_
#define SUPERVISOR_ADMIN_SERVER_H_

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/admin/service.h"
#include "supervisor/base/unique_fd.h"

namespace drover::admin {

class Server {
 public:
  // `roles` and `link` must outlive it.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Roles* roles,
                                                       Link* link);

  // Once the link is closed, which ends all calls: waits, within bounds, until
  // each client has read its end. It has to have read it: one that still writes
  // when this process is gone, be it an acknowledgement, finds a broken
  // connection, and its gRPC then drops what it has not read. The server must
  // not be destroyed after it.
  void Shutdown();

  // Serves the connected unix socket.
  void Serve(UniqueFd socket);

  // All names there are; one that is missing now has been removed.
  void SetHealth(const control::v1::Health& health);

 private:
  Server(const Roles* roles, Link* link);

  Backlog backlog_;
  ForwardingService service_;
  std::unique_ptr<grpc::Server> server_;
  std::set<std::string> health_names_;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_SERVER_H_
