// What the supervisor tells the process that started it: the sd_notify
// protocol.
#ifndef SUPERVISOR_OS_NOTIFIER_H_
#define SUPERVISOR_OS_NOTIFIER_H_

#include <asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/os/fd_store.h"
#include "supervisor/os/fd_watcher.h"

namespace drover::os {

// Sends datagrams in order and never blocks: where the other side is slow they
// wait here, up to kWaitingMax; what does not fit is lost with a warning. One
// that is gone is told once, and tried again with each datagram.
class Notifier : public FdStore {
 public:
  static constexpr size_t kWaitingMax = 1024;

  // `address` as NOTIFY_SOCKET has it: "/path", or "@name" for an abstract one.
  static absl::StatusOr<std::unique_ptr<Notifier>> Connect(
      asio::io_context& io, const std::string& address);

  // Lines KEY=VALUE.
  void Send(std::string text) { Send({std::move(text), UniqueFd()}); }

  void Keep(const std::string& name, int fd) override;
  void Drop(const std::string& name) override;

  // Nothing is kept any more: the end is not one that has a successor.
  void DropAll();

  // Waits for so long at most until everything is sent: before the process
  // ends.
  void Flush(std::chrono::milliseconds patience);

 private:
  struct Datagram {
    std::string text;
    UniqueFd fd;
  };

  Notifier(asio::io_context& io, UniqueFd socket, std::string address);

  void Send(Datagram datagram);
  // Sends what waits, as far as it is taken.
  void Pump();
  // False: it has to wait.
  bool TrySend(const Datagram& datagram);
  void Lost(int error_number);

  std::string address_;
  FdWatcher watcher_;
  std::deque<Datagram> waiting_;
  std::set<std::string> kept_;
  bool told_lost_ = false;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_NOTIFIER_H_
