// One client: its requests one after the other, and a farewell that loses none
// of them.
#ifndef EXAMPLES_HTTP_CPP_CONNECTION_H_
#define EXAMPLES_HTTP_CPP_CONNECTION_H_

// Boost 1.74's awaitable.hpp uses std::exchange without including it.
// clang-format off
#include <utility>
// clang-format on

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <string>

#include "examples/http_cpp/site.h"

namespace http_worker {

// What the connections of a server have in common.
struct Manner {
  std::string greeting;
  // Answers say "Connection: close", and the connection ends with the next.
  bool farewell = false;
};

// An HTTP client may send its next request at any time, also while the server
// closes. So a connection is never closed before the client was told so by
// "Connection: close" (but see CloseIfIdle()), and closing is first the
// server's own direction, then waiting until the client closed the other: a
// close() with unread bytes would reset the connection and could destroy the
// last answer on its way.
class Connection {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  // `manner` is borrowed for as long as the connection lives.
  Connection(Socket socket, const Manner& manner);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Answers requests until the connection has ended.
  boost::asio::awaitable<void> Serve();

  // A request has begun to arrive and is not answered.
  bool busy() const { return state_ == State::kBusy; }

  // The time for manners is over: ends the connection unless it is busy. A
  // request that crosses this is lost, so it is done at the last moment only.
  // The client has `linger` to close its direction.
  void CloseIfIdle(std::chrono::milliseconds linger);

  // Ends the connection, whatever it does.
  void Abort();

 private:
  enum class State { kIdle, kBusy, kLeaving };

  boost::asio::awaitable<void> Converse();
  boost::asio::awaitable<bool> RequestComes();
  boost::asio::awaitable<bool> AnswerOne();
  boost::asio::awaitable<void> Leave();

  boost::beast::basic_stream<boost::asio::generic::stream_protocol> stream_;
  boost::beast::flat_buffer buffer_;
  boost::asio::steady_timer work_;
  const Manner& manner_;
  State state_ = State::kIdle;
  bool close_idle_ = false;
  // For the client to close its direction.
  std::chrono::milliseconds linger_{500};
  bool aborted_ = false;
};

}  // namespace http_worker

#endif  // EXAMPLES_HTTP_CPP_CONNECTION_H_
