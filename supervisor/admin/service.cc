#include "supervisor/admin/service.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/support/slice.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "supervisor/admin/refusal.h"
#include "supervisor/base/log.h"

namespace drover::admin {
namespace {

using control::v1::Caller;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using grpc::ByteBuffer;

const ServiceDescriptor& Descriptor() {
  return *v1::GetSupervisorRequest::descriptor()->file()->FindServiceByName(
      "AdminService");
}

// The caller, from the kernel. gRPC names a connection made from a descriptor
// "fd:N"; the transport, and with it the descriptor, stays open as long as a
// call of the connection exists, so N is still the caller's socket here.
absl::StatusOr<Caller> CallerOf(const grpc::CallbackServerContext& context) {
  std::string peer = context.peer();
  absl::string_view number = peer;
  int fd = -1;
  if (!absl::ConsumePrefix(&number, "fd:") || !absl::SimpleAtoi(number, &fd)) {
    return absl::InternalError(absl::StrCat("a peer called '", peer, "'"));
  }
  return PeerOf(fd);
}

std::string ToString(const ByteBuffer& buffer) {
  std::string bytes;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

control::v1::End Unidentified() {
  return Refusal(absl::StatusCode::kUnauthenticated,
                 "the caller's user id is not known", "UNKNOWN_CALLER",
                 "call over the admin socket");
}

control::v1::End NotAllowed(uint32_t uid, absl::string_view method) {
  return Refusal(absl::StatusCode::kPermissionDenied,
                 absl::StrCat("uid ", uid, " may not call ", method),
                 "ROLE_MISSING",
                 "call as a user of the role, or add this one to "
                 "supervisor.admin.allow_users");
}

}  // namespace

ForwardingService::ForwardingService(const Roles* roles, Link* link,
                                     Backlog* backlog)
    : roles_(roles), link_(link), backlog_(backlog) {
  using Handler =
      grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>;
  for (int i = 0; i < Descriptor().method_count(); ++i) {
    const MethodDescriptor* method = Descriptor().method(i);
    // What the generated WithRawCallbackMethod_… classes do, for all of them.
    MarkMethodRawCallback(
        i, new Handler([this, method](grpc::CallbackServerContext* context,
                                      const ByteBuffer* request) {
          return Forward(*method, *context, *request);
        }));
  }
}

Call* ForwardingService::Forward(const MethodDescriptor& method,
                                 const grpc::CallbackServerContext& context,
                                 const ByteBuffer& request) {
  absl::StatusOr<Caller> caller = CallerOf(context);
  if (!caller.ok()) {
    log::Warning(
        absl::StrCat("admin: refused a call: ", caller.status().message()));
    return Call::Refuse(Unidentified(), backlog_);
  }
  DROVER_LOG(kAdmin, method.name(), " from uid ", caller->uid(), " pid ",
             caller->pid());
  if (!roles_->MayCall(caller->uid(), method.name())) {
    return Call::Refuse(NotAllowed(caller->uid(), method.name()), backlog_);
  }
  control::v1::Call call;
  *call.mutable_caller() = *std::move(caller);
  call.set_method(method.name());
  call.set_request(ToString(request));
  return Call::Start(std::move(call), !method.server_streaming(), link_,
                     backlog_);
}

}  // namespace drover::admin
