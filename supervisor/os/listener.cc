#include "supervisor/os/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "supervisor/config/address.h"
#include "supervisor/os/mode.h"

namespace drover::os {
namespace {

constexpr int kDefaultBacklog = 1024;
constexpr mode_t kDefaultMode = 0666;

int BacklogOf(const config::v1::Listener& spec) {
  return spec.has_backlog() ? static_cast<int>(spec.backlog())
                            : kDefaultBacklog;
}

// A socket address of either version.
struct TcpAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
};

// nullopt: not a number of either version.
std::optional<TcpAddress> ToTcpAddress(const std::string& host, uint16_t port) {
  TcpAddress address;
  sockaddr_in v4 = {};
  sockaddr_in6 v6 = {};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof(v4);
    ::memcpy(&address.storage, &v4, sizeof(v4));
    return address;
  }
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    address.size = sizeof(v6);
    ::memcpy(&address.storage, &v6, sizeof(v6));
    return address;
  }
  return std::nullopt;
}

uint16_t BoundPort(int fd) {
  TcpAddress address;
  address.size = sizeof(address.storage);
  ::getsockname(fd, address.generic(), &address.size);
  // The port has the same place in both versions.
  sockaddr_in v4;
  ::memcpy(&v4, &address.storage, sizeof(v4));
  return ntohs(v4.sin_port);
}

absl::Status ErrnoOnly(int error_number) {
  return absl::Status(absl::ErrnoToStatusCode(error_number),
                      ::strerror(error_number));
}

absl::StatusOr<UniqueFd> BindTcp(const config::Address& where, int backlog) {
  std::optional<TcpAddress> address = ToTcpAddress(where.host, where.port);
  if (!address) return absl::InvalidArgumentError("not a numeric address");
  UniqueFd socket(::socket(address->storage.ss_family,
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  int on = 1;
  // Without it a restart would wait for the last connections to be forgotten.
  if (!socket.ok() ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) !=
          0 ||
      ::bind(socket.get(), address->generic(), address->size) != 0 ||
      ::listen(socket.get(), backlog) != 0) {
    return ErrnoOnly(errno);
  }
  return socket;
}

}  // namespace

absl::StatusOr<std::shared_ptr<Listener>> Listener::Open(
    const config::v1::Listener& spec, const std::string& key,
    SocketStore& sockets) {
  absl::StatusOr<config::Address> where = config::ParseAddress(spec.address());
  if (!where.ok()) return where.status();
  std::shared_ptr<Listener> listener(new Listener());
  if (where->kind == config::Address::Kind::kUnix) {
    auto socket =
        UnixListener::Open(where->path, ParseMode(spec.mode(), kDefaultMode),
                           BacklogOf(spec), sockets);
    if (!socket.ok()) return socket.status();
    listener->unix_.emplace(*std::move(socket));
    listener->bound_address_ = spec.address();
    return listener;
  }
  absl::Status opened =
      listener->OpenTcp(spec, *std::move(where), key, sockets);
  if (!opened.ok()) return opened;
  return listener;
}

absl::Status Listener::OpenTcp(const config::v1::Listener& spec,
                               config::Address where, const std::string& key,
                               SocketStore& sockets) {
  auto former = sockets.Take({key, where});
  if (former) {
    tcp_ = std::move(former->socket);
    Update(spec);
  } else {
    absl::StatusOr<UniqueFd> socket = BindTcp(where, BacklogOf(spec));
    if (!socket.ok()) return socket.status();
    tcp_ = *std::move(socket);
  }
  // A socket unit's is the service manager's to hand over again.
  if (!former || former->own) kept_tcp_ = sockets.Keep(key, "", fd());
  where.port = BoundPort(fd());
  bound_address_ = config::ToText(where);
  return absl::OkStatus();
}

void Listener::Update(const config::v1::Listener& spec) {
  // Listening again keeps the queue and changes its length.
  ::listen(fd(), BacklogOf(spec));
}

}  // namespace drover::os
