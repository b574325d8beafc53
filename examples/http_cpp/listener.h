// Taking connections from a listening socket that other processes share.
#ifndef EXAMPLES_HTTP_CPP_LISTENER_H_
#define EXAMPLES_HTTP_CPP_LISTENER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "examples/http_cpp/accept_log.h"
#include "examples/http_cpp/connection.h"

namespace http_worker {

// A listening socket of one's own, for a worker that nobody supervises.
// Port 0 = any free one. An error of the system otherwise.
absl::StatusOr<int> ListenOn(uint16_t port);

class Listener {
 public:
  using Taken = std::function<void(Connection::Socket)>;

  // Owns the descriptor, a non-blocking listening socket. `taken` is called for
  // every connection, between Open() and Close() only.
  Listener(boost::asio::io_context& io, int fd, AcceptLog log, Taken taken);

  void Open();
  // At once: what waits in the socket's queue is for other processes.
  void Close();
  bool open() const { return open_; }

 private:
  void Wait();
  void TakeOne();
  void WaitForDescriptors();

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer pause_;
  AcceptLog log_;
  Taken taken_;
  bool open_ = false;
  bool waiting_ = false;
};

}  // namespace http_worker

#endif  // EXAMPLES_HTTP_CPP_LISTENER_H_
