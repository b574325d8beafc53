// The supervisor as a service: what it was handed by whoever started it, and
// what it tells him.
#ifndef SUPERVISOR_MAIN_SERVICE_H_
#define SUPERVISOR_MAIN_SERVICE_H_

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "drover/config/v1/config.pb.h"
#include "supervisor/core/notice.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/main/service_status.h"
#include "supervisor/os/fd_watcher.h"
#include "supervisor/os/handed_fds.h"
#include "supervisor/os/notifier.h"
#include "supervisor/os/socket_store.h"

namespace drover {

// Where nobody wants to be told (no NOTIFY_SOCKET), it tells nobody.
class Service {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. What was inherited and
  // `config` does not name is closed. References are borrowed.
  Service(asio::io_context& io, std::vector<os::HandedFd> inherited,
          const config::v1::Config& config);
  ~Service();

  os::SocketStore& sockets() { return sockets_; }
  // Null where nothing is kept for a successor.
  std::shared_ptr<os::FdStore> store() { return notifier_; }

  // From here on `core` is looked at; `start` is its initial apply.
  void Begin(const core::Supervisor& core, core::OperationId start);

  // The same where another program of this process has begun; `start` may have
  // ended long ago.
  void Resume(const core::Supervisor& core, core::OperationId start);

  void OnNotice(const core::Notice& notice);

  // SIGHUP: first this, then how it went.
  void OnReload();
  void OnReloadRefused(absl::string_view why);
  void OnReloadBegun(core::OperationId operation);

  // Everything is over: what is left to say is said, and nothing is kept.
  void OnEnd();

 private:
  void OnOperation(core::OperationId operation);
  // Says what is due, and comes back when more is.
  void Say();
  std::string Summary() const;
  void Watchdog();
  // drover-holder alone is watched: it ends with its supervisor, or it was
  // killed.
  void WatchHolder(asio::io_context& io);

  std::shared_ptr<os::Notifier> notifier_;
  os::SocketStore sockets_;
  ServiceStatus status_;
  asio::steady_timer later_;
  // What it waits for.
  absl::Time armed_ = absl::InfinitePast();
  asio::steady_timer watchdog_;
  std::chrono::microseconds watchdog_period_{0};
  std::unique_ptr<os::FdWatcher> holder_;

  const core::Supervisor* core_ = nullptr;
  core::OperationId start_ = 0;
  std::set<core::OperationId> reloads_;
};

}  // namespace drover

#endif  // SUPERVISOR_MAIN_SERVICE_H_
