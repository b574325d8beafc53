#include "examples/http_cpp/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace http_worker {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// How long to leave the queue alone when there is no descriptor for it.
constexpr std::chrono::milliseconds kPause{100};

bool OutOfDescriptors(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS ||
         error == ENOMEM;
}

}  // namespace

absl::StatusOr<int> ListenOn(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, SOMAXCONN) != 0) {
    const int error = errno;
    if (fd >= 0) close(fd);
    return absl::ErrnoToStatus(error,
                               absl::StrCat("cannot listen on port ", port));
  }
  return fd;
}

Listener::Listener(asio::io_context& io, int fd, AcceptLog log, Taken taken)
    : io_(io),
      socket_(io, fd),
      pause_(io),
      log_(std::move(log)),
      taken_(std::move(taken)) {}

void Listener::Open() {
  open_ = true;
  if (!waiting_) Wait();
}

void Listener::Close() {
  open_ = false;
  socket_.cancel();
  pause_.cancel();
}

// Waits for readiness and accepts by itself: asio's acceptor would go on until
// the queue is empty, here the siblings get their share, and a Stop is seen
// before the next connection.
void Listener::Wait() {
  waiting_ = true;
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const error_code&) {
                       waiting_ = false;
                       // A Close() may have been followed by an Open().
                       if (open_) TakeOne();
                     });
}

void Listener::TakeOne() {
  sockaddr_storage peer = {};
  socklen_t size = sizeof(peer);
  const int fd =
      accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&peer),
              &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0 && OutOfDescriptors(errno)) return WaitForDescriptors();
  if (fd >= 0) {
    log_.Add(peer);
    const asio::generic::stream_protocol protocol(peer.ss_family, 0);
    taken_(Connection::Socket(io_, protocol, fd));
  }
  // A sibling was faster (EAGAIN), or the client left again: no matter.
  Wait();
}

void Listener::WaitForDescriptors() {
  waiting_ = true;
  pause_.expires_after(kPause);
  pause_.async_wait([this](const error_code&) {
    waiting_ = false;
    if (open_) Wait();
  });
}

}  // namespace http_worker
