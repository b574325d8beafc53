// A strict load on an HTTP server: so many requests a second over so many
// connections, half of them new for each request and half kept alive, a part
// of the requests slow. Nothing is retried; a connect error, a reset, a short
// body, a status other than 200 or a timeout is a failure.
//
// Standard input steers it, a line each:
//   mark NAME     what follows belongs to the step NAME
//   killed PID    failures on connections that PID had accepted are excused
//   end           (or end of input) finish what is in flight, report, exit
//
// Every answer to a line is one line of JSON on standard output; the last one
// is the report. The exit code is 1 if a failure was not excused.
// Boost 1.74's awaitable.hpp uses std::exchange without including it.
// clang-format off
#include <utility>
// clang-format on

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <istream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "examples/load/accept_log.h"
#include "examples/load/client.h"
#include "examples/load/report.h"
#include "examples/load/tally.h"

namespace load {
namespace {

namespace asio = boost::asio;

struct Options {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;
  int connections = 192;
  double rate = 2400;
  double slow_part = 0.25;
  int slow_ms = 300;
  std::string accept_logs;
};

class Load {
 public:
  explicit Load(Options options)
      : options_(std::move(options)), input_(io_, 0), tally_(NowNs()) {}

  int Run() {
    for (int i = 0; i < options_.connections; ++i) {
      ++running_;
      asio::co_spawn(io_, RunClient(OptionsOf(i), tally_, stop_),
                     [this](std::exception_ptr) { ClientDone(); });
    }
    asio::co_spawn(io_, Listen(), asio::detached);
    io_.run();
    tally_.Finish(NowNs());
    return Report();
  }

 private:
  ClientOptions OptionsOf(int index) const {
    ClientOptions client;
    client.server = {asio::ip::make_address(options_.host), options_.port};
    client.new_connections = index % 2 == 0;
    const double seconds = options_.connections / options_.rate;
    client.pace = std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
    client.delay = client.pace * index / options_.connections;
    client.slow_part = options_.slow_part;
    client.slow_ms = options_.slow_ms;
    client.source = static_cast<uint8_t>(index % 8);
    client.seed = static_cast<uint32_t>(index + 1);
    return client;
  }

  asio::awaitable<void> Listen() {
    asio::streambuf buffer;
    while (!stop_) {
      boost::system::error_code error;
      co_await asio::async_read_until(
          input_, buffer, '\n',
          asio::redirect_error(asio::use_awaitable, error));
      if (error) break;
      std::istream stream(&buffer);
      std::string line;
      std::getline(stream, line);
      if (line == "end") break;
      Obey(line);
    }
    stop_ = true;
  }

  void Obey(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "mark") {
      std::string name;
      std::getline(words >> std::ws, name);
      std::cout << ToJson(tally_.steps().back()) << std::endl;
      tally_.Mark(name, NowNs());
    } else if (verb == "killed") {
      int pid = 0;
      words >> pid;
      killed_.insert(pid);
      std::cout << "{}" << std::endl;
    } else {
      std::cout << R"({"error": "mark NAME, killed PID or end"})" << std::endl;
    }
  }

  void ClientDone() {
    if (--running_ == 0) input_.close();
  }

  int Report() {
    std::vector<Accepted> accepted;
    for (int pid : killed_) {
      auto log =
          ReadAcceptLog(options_.accept_logs + "/" + std::to_string(pid));
      accepted.insert(accepted.end(), log.begin(), log.end());
    }
    std::vector<Failure> excused;
    std::vector<Failure> failures;
    for (const Failure& failure : tally_.failures()) {
      bool by_killed = HadAccepted(accepted, failure.address, failure.port,
                                   failure.opened_ns, failure.failed_ns);
      (by_killed ? excused : failures).push_back(failure);
    }
    std::cout << ToJson(tally_.steps(), failures, excused) << std::endl;
    return failures.empty() ? 0 : 1;
  }

  Options options_;
  asio::io_context io_;
  asio::posix::stream_descriptor input_;
  Tally tally_;
  bool stop_ = false;
  int running_ = 0;
  std::set<int> killed_;
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("A strict HTTP load; see the top of main.cc for its input.");
  app.add_option("--host", options.host, "IPv4 address of the server");
  app.add_option("--port", options.port, "its port");
  app.add_option("--connections", options.connections, "clients side by side")
      ->check(CLI::Range(1, 10000));
  app.add_option("--rate", options.rate, "requests a second, all clients")
      ->check(CLI::Range(1.0, 1e6));
  app.add_option("--slow-part", options.slow_part, "of the requests, 0..1")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--slow-ms", options.slow_ms, "how long a slow answer takes");
  app.add_option("--accept-logs", options.accept_logs,
                 "directory with one accept log a worker, named by its pid");
  CLI11_PARSE(app, argc, argv);
  return Load(options).Run();
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) { return load::Main(argc, argv); }
