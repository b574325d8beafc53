#include "supervisor/admin/peer.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace drover::admin {
namespace {

// The section "Reads" of admin.proto.
constexpr std::array<absl::string_view, 11> kReads = {
    "GetSupervisor", "ListPools",      "GetPool",      "ListWorkers",
    "GetWorker",     "ListOperations", "GetOperation", "WatchOperation",
    "PlanConfig",    "WatchEvents",    "TailLogs",
};

}  // namespace

absl::StatusOr<control::v1::Caller> PeerOf(int socket) {
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) {
    return absl::ErrnoToStatus(errno, "SO_PEERCRED");
  }
  control::v1::Caller caller;
  caller.set_uid(credentials.uid);
  caller.set_gid(credentials.gid);
  caller.set_pid(credentials.pid);
  return caller;
}

bool IsRead(absl::string_view method) {
  return std::find(kReads.begin(), kReads.end(), method) != kReads.end();
}

Roles::Roles(const control::v1::Setup& setup) {
  for (const control::v1::Role& role : setup.roles()) {
    operate_[role.uid()] = role.operate();
  }
}

bool Roles::MayCall(uint32_t uid, absl::string_view method) const {
  auto it = operate_.find(uid);
  return it != operate_.end() && (it->second || IsRead(method));
}

}  // namespace drover::admin
