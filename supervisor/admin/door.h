// Where clients come in: accepts on the admin socket, looks at who it is, and
// counts who is inside.
//
// gRPC does not accept here: its 1.51 gives a listener up for good on the first
// EMFILE (CVE-2023-4785), knows no peer credentials and no cap.
#ifndef SUPERVISOR_ADMIN_DOOR_H_
#define SUPERVISOR_ADMIN_DOOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "supervisor/admin/loop.h"
#include "supervisor/admin/peer.h"
#include "supervisor/base/unique_fd.h"

namespace drover::admin {

// Belongs to the loop's thread.
class Door {
 public:
  // Takes the connected, non-blocking socket of an admitted peer, and shuts it
  // down when it has ended.
  using Admit = std::function<void(UniqueFd socket)>;

  // Accepts at once. At most `max_connections` are inside; those beyond wait in
  // the listener's queue until one leaves. A user whom `roles` does not know is
  // turned away before a byte of it is read.
  static absl::StatusOr<std::unique_ptr<Door>> Create(UniqueFd listener,
                                                      const Roles* roles,
                                                      size_t max_connections,
                                                      Loop* loop, Admit admit);
  ~Door();

 private:
  Door(UniqueFd listener, UniqueFd timer, const Roles* roles,
       size_t max_connections, Loop* loop, Admit admit);

  absl::Status Register();
  void OnKnock();
  void Receive(UniqueFd socket);
  bool IsWelcome(int socket);
  void OnGone(int watch);
  // Leaves clients in the queue for a moment: descriptors or memory ran out.
  void Rest(int error);
  void OnRested();
  void Update();

  const UniqueFd listener_;
  const UniqueFd timer_;
  const Roles* const roles_;
  const size_t max_connections_;
  Loop* const loop_;
  const Admit admit_;

  // A duplicate of each connection inside, through which its end is seen. gRPC
  // owns the other one and tells nobody.
  absl::flat_hash_map<int, UniqueFd> inside_;
  bool open_ = true;
  bool resting_ = false;
  uint64_t refused_ = 0;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_DOOR_H_
