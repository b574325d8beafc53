#include "supervisor/bench/supervised.h"

#include <signal.h>

#include <asio/io_context.hpp>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "absl/time/clock.h"
#include "supervisor/config/normalize.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/os/shell.h"
#include "supervisor/output/store.h"

namespace drover::bench {
namespace {

config::v1::Config ConfigOf(const std::string& program, int count) {
  config::v1::Config config;
  config.mutable_supervisor()->mutable_admin()->set_enabled(false);
  config::v1::Pool* pool = config.add_pools();
  pool->set_name("bench");
  pool->add_command(program);
  pool->set_count(static_cast<uint32_t>(count));
  pool->mutable_heartbeat()->mutable_interval();  // zero: off
  pool->mutable_restart()->mutable_backoff()->mutable_initial();
  pool->mutable_restart()->mutable_backoff()->set_jitter(0);
  pool->mutable_restart()->set_max_restarts(100000);
  auto prepared = config::Prepare(std::move(config), config::ThisHost());
  if (!prepared.ok()) {
    std::cerr << prepared.status() << "\n";
    std::exit(1);
  }
  return *std::move(prepared);
}

// One supervisor, from its first worker to the end of the last.
class World {
 public:
  World() : core_(core::Options()), shell_(io_, core_, store_, Quiet()) {
    shell_.OnNotice([this](const core::Notice& n) {
      if (on_notice_) on_notice_(n);
    });
    shell_.OnFinish([this](int) { io_.stop(); });
  }

  absl::Duration Start(const config::v1::Config& config) {
    core::OperationId operation = 0;
    on_notice_ = [&](const core::Notice& notice) {
      const auto* changed = std::get_if<core::OperationChanged>(&notice);
      if (changed == nullptr || operation == 0) return;
      if (Ended(operation)) io_.stop();
    };
    absl::Time begin = absl::Now();
    auto started = shell_.ApplyConfig(config, "bench", /*initial=*/true);
    if (!started.ok()) {
      std::cerr << started.status() << "\n";
      std::exit(1);
    }
    operation = *started;
    Run();
    absl::Duration took = absl::Now() - begin;
    if (core_.FindPool("bench")->state != core::PoolState::kRunning) {
      std::cerr << "the start failed\n";
      std::exit(1);
    }
    return took;
  }

  absl::Duration KillAndAwait() {
    pid_t pid = core_.FindWorker("bench", 0)->pid;
    on_notice_ = [&](const core::Notice& notice) {
      const auto* changed = std::get_if<core::WorkerChanged>(&notice);
      if (changed != nullptr && changed->state == core::WorkerState::kStarted) {
        io_.stop();
      }
    };
    absl::Time begin = absl::Now();
    ::kill(pid, SIGKILL);
    Run();
    return absl::Now() - begin;
  }

  void End() {
    on_notice_ = nullptr;
    shell_.Submit(core::Shutdown{}, "bench").IgnoreError();
    Run();
  }

 private:
  static os::ShellOptions Quiet() {
    os::ShellOptions options;
    options.forward_fd = -1;
    return options;
  }

  bool Ended(core::OperationId operation) {
    return core::IsFinal(*core_.StateOf(operation));
  }

  void Run() {
    io_.restart();
    io_.run();
  }

  asio::io_context io_;
  output::Store store_;
  core::Supervisor core_;
  os::Shell shell_;
  std::function<void(const core::Notice&)> on_notice_;
};

}  // namespace

absl::Duration StartSupervised(const std::string& program, int count) {
  World world;
  absl::Duration took = world.Start(ConfigOf(program, count));
  world.End();
  return took;
}

std::vector<absl::Duration> Replace(const std::string& program, int rounds) {
  World world;
  world.Start(ConfigOf(program, 1));
  std::vector<absl::Duration> took;
  for (int i = 0; i < rounds; ++i) took.push_back(world.KillAndAwait());
  world.End();
  return took;
}

}  // namespace drover::bench
