// A listening socket of a pool.
#ifndef SUPERVISOR_OS_LISTENER_H_
#define SUPERVISOR_OS_LISTENER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/config/address.h"
#include "supervisor/os/socket_store.h"
#include "supervisor/os/unix_listener.h"

namespace drover::os {

// Owns one listening socket, TCP or unix. It does not block, for all who
// inherit it: that belongs to the socket and not to its holder, so it is set
// here, once, and never touched again.
class Listener {
 public:
  // The code is the errno's (unix_listener.h); the message is the errno's text
  // or what is in the way, without name and address.
  // What `sockets` has under `key` is taken over instead of opened.
  static absl::StatusOr<std::shared_ptr<Listener>> Open(
      const config::v1::Listener& spec, const std::string& key,
      SocketStore& sockets);

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Takes over what may change while the socket lives: the backlog.
  void Update(const config::v1::Listener& spec);

  void Write(state::v1::Listener* to, FdLedger* fds) const;
  static std::shared_ptr<Listener> Read(const state::v1::Listener& from,
                                        SocketStore& sockets, FdIntake* fds);

  int fd() const { return unix_ ? unix_->fd() : tcp_.get(); }

  // As configured, with the port that it really has.
  const std::string& bound_address() const { return bound_address_; }

 private:
  Listener() = default;

  absl::Status OpenTcp(const config::v1::Listener& spec, config::Address where,
                       const std::string& key, SocketStore& sockets);

  // One of both.
  UniqueFd tcp_;
  KeptFd kept_tcp_;
  std::optional<UnixListener> unix_;
  std::string bound_address_;
};

// A listener under the name that a pool's workers find it by.
struct NamedListener {
  std::string name;
  std::shared_ptr<Listener> socket;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_LISTENER_H_
