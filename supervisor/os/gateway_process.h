// Runs the admin gateway beside the supervisor.
#ifndef SUPERVISOR_OS_GATEWAY_PROCESS_H_
#define SUPERVISOR_OS_GATEWAY_PROCESS_H_

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/os/child.h"
#include "supervisor/os/children.h"
#include "supervisor/os/frame_channel.h"
#include "supervisor/os/limits.h"

namespace drover::os {

// Starts the gateway, starts it again when it ends, with a growing pause, and
// passes messages both ways. Whatever the gateway does, nothing here waits for
// it or fails with it: a violation or a full queue ends it, and it begins anew.
// Not thread-safe.
class GatewayProcess {
 public:
  // In the gateway.
  static constexpr int kChannelFd = 3;
  static constexpr int kListenFd = 4;

  struct Options {
    // The program; no search is done.
    std::string path;
    std::vector<std::string> arguments;
    // Whom it runs as (config.proto, Admin); empty = as the supervisor.
    std::string user;
    // The listening admin socket; borrowed.
    int listen_fd = -1;
    // As LaunchPlan::Surroundings has it.
    std::optional<Limit> open_files;
    absl::Duration backoff_first = absl::Milliseconds(100);
    absl::Duration backoff_max = absl::Seconds(10);
    // One that ran for this long begins again at the first pause.
    absl::Duration healthy_after = absl::Seconds(30);
    // From Stop() to SIGKILL.
    absl::Duration kill_after = absl::Seconds(5);
    // What restarts() begins with.
    uint32_t restarts = 0;
  };

  struct Callbacks {
    // A new gateway runs and knows nothing: the time to send Setup.
    std::function<void()> started;
    std::function<void(control::v1::ToSupervisor)> message;
    // It is gone, and with it all its calls.
    std::function<void()> lost;
    // It has read what waited for it. May be empty.
    std::function<void()> drained = nullptr;
  };

  // References are borrowed.
  GatewayProcess(asio::io_context& io, Children& children, Options options,
                 Callbacks callbacks);
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  void Start();

  // To the gateway that runs; dropped if none does.
  void Send(const control::v1::ToGateway& message);

  // Whether it keeps up. Beyond that a queue grows that ends it when it is
  // full: who has more to say than it must hear waits for `drained`.
  bool HasRoom() const;

  // Ends a gateway that broke the contract; a new one is started.
  void Reject(absl::string_view why);

  // SIGTERM, when it has taken what was sent, then SIGKILL; `done` is called
  // from the loop when it is gone. It is not started again.
  void Stop(std::function<void()> done);

  bool running() const { return run_ != nullptr; }
  pid_t pid() const { return run_ == nullptr ? 0 : run_->child->pid(); }
  // How many times it was started again.
  uint32_t restarts() const { return restarts_; }

 private:
  // One gateway.
  struct Run {
    absl::Time began;
    std::unique_ptr<FrameChannel> channel;
    std::unique_ptr<Child> child;
  };

  // What it could not do; empty if it runs.
  std::string TryStart();
  void OnFrame(absl::string_view body);
  void OnExit();
  // Ends a gateway that cannot be talked to.
  void Abandon(absl::string_view why);
  void StartLater();
  void After(absl::Duration pause, std::function<void()> action);

  asio::io_context& io_;
  Children& children_;
  Options options_;
  Callbacks callbacks_;
  std::unique_ptr<Run> run_;
  absl::Duration pause_;
  uint32_t restarts_;
  // Set by Stop().
  bool stopping_ = false;
  std::function<void()> done_;
  asio::steady_timer timer_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_GATEWAY_PROCESS_H_
