// The socket at which the supervisor's notifications come in.
#ifndef SUPERVISOR_HOLD_INBOX_H_
#define SUPERVISOR_HOLD_INBOX_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "supervisor/base/unique_fd.h"

namespace drover::hold {

struct Datagram {
  // The sender's, as the kernel has it.
  pid_t pid = 0;
  std::string text;
  // Close-on-exec.
  std::vector<UniqueFd> fds;
};

// An abstract socket with a name that cannot be guessed. Who can read the list
// of sockets can write to it all the same: what is not the supervisor's is
// dropped by the pid.
class Inbox {
 public:
  static constexpr size_t kTextMax = 4096;
  static constexpr size_t kFdsMax = 16;

  // It has no socket where none can be had (errno).
  static Inbox Open();

  bool ok() const { return socket_.ok(); }
  int fd() const { return socket_.get(); }
  // As NOTIFY_SOCKET has it.
  const std::string& address() const { return address_; }

  // The next one; nullopt if there is none now. One that is too long, or has
  // too many descriptors, comes without any of them, and empty.
  std::optional<Datagram> Receive();

 private:
  UniqueFd socket_;
  std::string address_;
};

}  // namespace drover::hold

#endif  // SUPERVISOR_HOLD_INBOX_H_
