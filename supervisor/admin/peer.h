// Who is at the other end of a socket, and what it may do.
#ifndef SUPERVISOR_ADMIN_PEER_H_
#define SUPERVISOR_ADMIN_PEER_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/control/v1/control.pb.h"

namespace drover::admin {

// What the kernel noted of the process that connected `socket` (SO_PEERCRED):
// the peer cannot choose it, and it does not change afterwards.
absl::StatusOr<control::v1::Caller> PeerOf(int socket);

// Whether the method of AdminService only reads. One that is not known to is
// taken for a change.
bool IsRead(absl::string_view method);

// The roles of Setup. The supervisor checks them again at each call; here they
// keep strangers and mistakes away from it.
class Roles {
 public:
  explicit Roles(const control::v1::Setup& setup);

  bool MayConnect(uint32_t uid) const { return operate_.contains(uid); }
  bool MayCall(uint32_t uid, absl::string_view method) const;

 private:
  // Whether the user may operate, or observe only.
  absl::flat_hash_map<uint32_t, bool> operate_;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_PEER_H_
