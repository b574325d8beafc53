// The server: a listener, its connections, and how they end.
#ifndef EXAMPLES_HTTP_CPP_SERVER_H_
#define EXAMPLES_HTTP_CPP_SERVER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

#include "examples/http_cpp/accept_log.h"
#include "examples/http_cpp/connection.h"
#include "examples/http_cpp/listener.h"

namespace http_worker {

// Belongs to the thread that runs `io`.
class Server {
 public:
  // Owns the listening socket `fd`. Takes nothing before Open().
  Server(boost::asio::io_context& io, int fd, AcceptLog log);

  // Takes connections, for the first time or again.
  void Open(std::string greeting);

  // Goes on, but asks every client to come back by another connection, and so
  // to another worker where there is one.
  void SayFarewell() { manner_.farewell = true; }

  // Takes no more connections from now on and finishes what it has: requests
  // are answered with "Connection: close"; idle connections are kept for their
  // next request until shortly before `within` has passed. `changed` is called
  // whenever there is one connection less; the last time with none left.
  // Not called from within Drain(). A later Drain() replaces an earlier one.
  void Drain(std::chrono::milliseconds within, std::function<void()> changed);

  // Ends all connections. Returns how many requests were given up.
  uint32_t Abandon();

  bool draining() const { return !listener_.open(); }
  size_t connections() const { return connections_.size(); }
  size_t requests() const;

 private:
  void Take(Connection::Socket socket);
  void Remove(const std::shared_ptr<Connection>& connection);

  boost::asio::io_context& io_;
  Manner manner_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  Listener listener_;
  boost::asio::steady_timer last_moment_;
  std::function<void()> changed_;
};

}  // namespace http_worker

#endif  // EXAMPLES_HTTP_CPP_SERVER_H_
