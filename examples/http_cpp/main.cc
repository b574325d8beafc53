// An HTTP server that is a Drover worker. It loses no request when it is
// stopped, reloaded or replaced, and runs without a supervisor as well.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "drover/worker.h"
#include "examples/http_cpp/accept_log.h"
#include "examples/http_cpp/lifecycle.h"
#include "examples/http_cpp/listener.h"
#include "examples/http_cpp/options.h"
#include "examples/http_cpp/server.h"

namespace http_worker {
namespace {

constexpr int kExitConfig = 78;
constexpr std::chrono::seconds kFarewellTime{5};

int Complain(const absl::Status& status, int exit_code) {
  std::cerr << "http_worker: " << status.message() << std::endl;
  return exit_code;
}

int RunSupervised(drover::Worker& worker, const Options& options,
                  AcceptLog log) {
  const absl::StatusOr<int> listener = worker.Listener("http");
  if (!listener.ok()) {
    const std::string words =
        absl::StrCat("listener \"http\": ", listener.status().message());
    worker.Fatal(kExitConfig, words).IgnoreError();
    return Complain(absl::NotFoundError(words),
                    drover::ExitCode(listener.status()));
  }
  boost::asio::io_context io(1);
  Server server(io, *listener, std::move(log));
  return Lifecycle(io, worker, server, options).Run();
}

// Serves until SIGTERM or SIGINT; then as at a Stop, until the second signal.
int RunAlone(const Options& options, AcceptLog log) {
  const absl::StatusOr<int> listener = ListenOn(options.port);
  if (!listener.ok()) return Complain(listener.status(), 1);
  boost::asio::io_context io(1);
  Server server(io, *listener, std::move(log));
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) {
    server.Drain(kFarewellTime, [&] {
      if (server.connections() == 0) io.stop();
    });
    if (server.connections() == 0) io.stop();
    signals.async_wait(
        [&](const boost::system::error_code&, int) { io.stop(); });
  });
  server.Open(absl::StrCat(options.response, " from process ", getpid(), "\n"));
  std::cerr << "http_worker: not supervised, listening on port " << options.port
            << std::endl;
  io.run();
  return 0;
}

int Main(int argc, char** argv) {
  drover::Options about;
  about.name = "http_cpp";
  about.version = "1.0";
  about.capabilities = {DROVER_CAPABILITY_RESUME, DROVER_CAPABILITY_PROGRESS,
                        DROVER_CAPABILITY_LAME_DUCK};
  absl::StatusOr<drover::Worker> worker =
      drover::Worker::FromEnvironment(about);
  if (!worker.ok()) {
    return Complain(worker.status(), drover::ExitCode(worker.status()));
  }
  const absl::StatusOr<Options> options = ReadOptions(argc, argv);
  if (!options.ok()) {
    worker->Fatal(kExitConfig, std::string(options.status().message()))
        .IgnoreError();
    return Complain(options.status(), kExitConfig);
  }
  absl::StatusOr<AcceptLog> log = AcceptLog::Open(options->accept_log_dir);
  if (!log.ok()) {
    worker->Fatal(kExitConfig, std::string(log.status().message()))
        .IgnoreError();
    return Complain(log.status(), kExitConfig);
  }
  return worker->supervised()
             ? RunSupervised(*worker, *options, *std::move(log))
             : RunAlone(*options, *std::move(log));
}

}  // namespace
}  // namespace http_worker

int main(int argc, char** argv) { return http_worker::Main(argc, argv); }
