// drover.admin.v1.AdminService as the gateway serves it: every method of the
// descriptor is forwarded in the same way. A new one in admin.proto needs no
// code here (only a line in peer.cc if it is a read).
#ifndef SUPERVISOR_ADMIN_SERVICE_H_
#define SUPERVISOR_ADMIN_SERVICE_H_

#include "drover/admin/v1/admin.grpc.pb.h"
#include "supervisor/admin/call.h"
#include "supervisor/admin/link.h"
#include "supervisor/admin/peer.h"

namespace drover::admin {

class ForwardingService final : public v1::AdminService::Service {
 public:
  // All must outlive the server.
  ForwardingService(const Roles* roles, Link* link, Backlog* backlog);

 private:
  Call* Forward(const google::protobuf::MethodDescriptor& method,
                const grpc::CallbackServerContext& context,
                const grpc::ByteBuffer& request);

  const Roles* const roles_;
  Link* const link_;
  Backlog* const backlog_;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_SERVICE_H_
