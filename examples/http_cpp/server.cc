#include "examples/http_cpp/server.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace http_worker {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

// How long before the end of a drain the idle connections are closed.
milliseconds MarginOf(milliseconds within) {
  return std::min(milliseconds(1000), within / 4);
}

}  // namespace

Server::Server(asio::io_context& io, int fd, AcceptLog log)
    : io_(io),
      listener_(io, fd, std::move(log),
                [this](Connection::Socket socket) { Take(std::move(socket)); }),
      last_moment_(io) {}

void Server::Open(std::string greeting) {
  last_moment_.cancel();
  changed_ = nullptr;
  manner_.greeting = std::move(greeting);
  manner_.farewell = false;
  listener_.Open();
}

void Server::Drain(milliseconds within, std::function<void()> changed) {
  listener_.Close();
  manner_.farewell = true;
  changed_ = std::move(changed);
  const milliseconds margin = MarginOf(within);
  last_moment_.expires_after(within - margin);
  last_moment_.async_wait(
      [this, margin](const boost::system::error_code& cancelled) {
        if (cancelled || !draining()) return;
        for (const auto& connection : connections_) {
          connection->CloseIfIdle(margin / 2);
        }
      });
}

uint32_t Server::Abandon() {
  const size_t requests = this->requests();
  for (const auto& connection : connections_) connection->Abort();
  return static_cast<uint32_t>(requests);
}

size_t Server::requests() const {
  return static_cast<size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const auto& connection) { return connection->busy(); }));
}

void Server::Take(Connection::Socket socket) {
  auto connection = std::make_shared<Connection>(std::move(socket), manner_);
  connections_.insert(connection);
  asio::co_spawn(
      io_, connection->Serve(),
      [this, connection](const std::exception_ptr&) { Remove(connection); });
}

void Server::Remove(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  if (changed_) changed_();
}

}  // namespace http_worker
