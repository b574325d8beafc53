// One client of the load: sends requests at its pace, never retries, and counts
// whatever is not a whole answer as a failure.
#ifndef EXAMPLES_LOAD_CLIENT_H_
#define EXAMPLES_LOAD_CLIENT_H_

// Boost 1.74's awaitable.hpp uses std::exchange without including it.
// clang-format off
#include <utility>
// clang-format on

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>

#include "examples/load/tally.h"

namespace load {

// CLOCK_MONOTONIC.
int64_t NowNs();

struct ClientOptions {
  boost::asio::ip::tcp::endpoint server;
  // A new connection for every request, instead of one for as many as the
  // server allows.
  bool new_connections = false;
  // Between two requests, counted from the beginning of the first.
  std::chrono::nanoseconds pace{0};
  // Before the first.
  std::chrono::nanoseconds delay{0};
  // What part of the requests ask for a slow answer, and how slow.
  double slow_part = 0.25;
  int slow_ms = 300;
  std::chrono::milliseconds timeout{5000};
  // Where the connections come from: 127.0.0.(2 + source), so that the ports of
  // one address do not run out.
  uint8_t source = 0;
  uint32_t seed = 0;
};

// Runs until *stop is true and its last request is done. References are
// borrowed for as long.
boost::asio::awaitable<void> RunClient(ClientOptions options, Tally& tally,
                                       const bool& stop);

}  // namespace load

#endif  // EXAMPLES_LOAD_CLIENT_H_
