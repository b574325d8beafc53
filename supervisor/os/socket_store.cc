#include "supervisor/os/socket_store.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/base/log.h"

namespace drover::os {
namespace {

constexpr absl::string_view kSocketPrefix = "drover-socket.";
constexpr absl::string_view kLockPrefix = "drover-lock.";

// FNV-1a: the names of kept descriptors must be the same in every process, and
// addresses have characters that names may not have.
std::string HashOf(absl::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (unsigned char byte : text) hash = (hash ^ byte) * 1099511628211u;
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

std::string SocketName(const std::string& key, const std::string& place) {
  return absl::StrCat(kSocketPrefix, HashOf(key), ".", place);
}

std::string LockName(const std::string& path) {
  return absl::StrCat(kLockPrefix, HashOf(path));
}

// "drover-socket.HASH.PLACE"
struct SocketNameParts {
  std::string hash;
  std::string place;
};

std::optional<SocketNameParts> ParseSocketName(absl::string_view name) {
  if (!absl::StartsWith(name, kSocketPrefix)) return std::nullopt;
  name.remove_prefix(kSocketPrefix.size());
  std::pair<std::string, std::string> parts =
      absl::StrSplit(name, absl::MaxSplits('.', 1));
  return SocketNameParts{parts.first, parts.second};
}

bool HasOption(int fd, int option, int wanted) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 &&
         value == wanted;
}

bool Listens(int fd) {
  return HasOption(fd, SO_TYPE, SOCK_STREAM) && HasOption(fd, SO_ACCEPTCONN, 1);
}

std::string HostOf(int family, const void* number) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, number, text, sizeof(text));
  return text;
}

// Where a socket is bound; nullopt if that is nothing that a listener can be.
std::optional<config::Address> BoundTo(int fd) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof(storage);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return std::nullopt;
  }
  config::Address bound;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4;
    ::memcpy(&v4, &storage, sizeof(v4));
    bound.host = HostOf(AF_INET, &v4.sin_addr);
    bound.port = ntohs(v4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    ::memcpy(&v6, &storage, sizeof(v6));
    bound.host = HostOf(AF_INET6, &v6.sin6_addr);
    bound.port = ntohs(v6.sin6_port);
  } else if (storage.ss_family == AF_UNIX &&
             size > offsetof(sockaddr_un, sun_path)) {
    sockaddr_un address;
    ::memcpy(&address, &storage, sizeof(address));
    const size_t length = size - offsetof(sockaddr_un, sun_path);
    bound.kind = config::Address::Kind::kUnix;
    bound.path.assign(address.sun_path, ::strnlen(address.sun_path, length));
    if (bound.path.empty()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  return bound;
}

bool IsAnyPort(const config::Address& address) {
  return address.kind == config::Address::Kind::kTcp && address.port == 0;
}

bool SameButForPort(config::Address bound, const config::Address& wanted) {
  bound.port = wanted.port;
  return bound == wanted;
}

bool Matches(const HandedFd& inherited, const SocketStore::Wanted& wanted) {
  if (!Listens(inherited.fd.get())) return false;
  const std::optional<config::Address> bound = BoundTo(inherited.fd.get());
  if (!bound) return false;
  const auto own = ParseSocketName(inherited.name);
  if (own && own->hash != HashOf(wanted.key)) return false;
  // Any free port: the one that it had, which its name alone tells.
  if (IsAnyPort(wanted.address)) {
    return own && SameButForPort(*bound, wanted.address);
  }
  return *bound == wanted.address;
}

bool IsLockOf(const HandedFd& inherited, const SocketStore::Wanted& wanted) {
  return wanted.address.kind == config::Address::Kind::kUnix &&
         inherited.name == LockName(wanted.address.path);
}

std::string Describe(const HandedFd& inherited) {
  const std::optional<config::Address> bound = BoundTo(inherited.fd.get());
  return absl::StrCat(
      inherited.name,
      bound ? absl::StrCat(" (", config::ToText(*bound), ")") : "");
}

// What a supervisor's own unix socket, that nobody wants any more, has left.
void RemovePath(const HandedFd& inherited) {
  const auto own = ParseSocketName(inherited.name);
  const std::optional<config::Address> bound = BoundTo(inherited.fd.get());
  if (!own || own->place.empty() || !bound) return;
  if (PlaceOf(bound->path) == own->place) ::unlink(bound->path.c_str());
}

}  // namespace

std::string PlaceOf(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return "";
  return absl::StrCat(absl::Hex(info.st_dev), "-", absl::Hex(info.st_ino));
}

void SocketStore::KeepOnly(const std::vector<Wanted>& wanted) {
  std::vector<HandedFd> kept;
  // Of each wanted one: its lock, itself.
  std::vector<std::array<bool, 2>> seen(wanted.size());
  for (HandedFd& inherited : inherited_) {
    bool* first = nullptr;
    for (size_t i = 0; i < wanted.size() && first == nullptr; ++i) {
      if (IsLockOf(inherited, wanted[i])) first = &seen[i][0];
      if (Matches(inherited, wanted[i])) first = &seen[i][1];
    }
    if (first != nullptr && !std::exchange(*first, true)) {
      kept.push_back(std::move(inherited));
      continue;
    }
    if (first == nullptr) RemovePath(inherited);
    CloseUnwanted(inherited, first == nullptr
                                 ? "is no listener of the configuration"
                                 : "is there twice");
  }
  inherited_ = std::move(kept);
}

void SocketStore::CloseUnwanted(const HandedFd& unwanted,
                                absl::string_view why) {
  const bool own = absl::StartsWith(unwanted.name, "drover-");
  log::Warning(absl::StrCat("was handed a descriptor that ", why, ": ",
                            Describe(unwanted), "; closed"));
  if (own && store_ != nullptr) store_->Drop(unwanted.name);
}

std::optional<SocketStore::Former> SocketStore::Take(const Wanted& wanted) {
  for (auto one = inherited_.begin(); one != inherited_.end(); ++one) {
    if (!Matches(*one, wanted)) continue;
    const auto own = ParseSocketName(one->name);
    Former former{std::move(one->fd), own.has_value(),
                  own ? own->place : std::string()};
    inherited_.erase(one);
    const int flags = ::fcntl(former.socket.get(), F_GETFL);
    ::fcntl(former.socket.get(), F_SETFL, flags | O_NONBLOCK);
    return former;
  }
  return std::nullopt;
}

UniqueFd SocketStore::TakeLock(const std::string& path) {
  for (auto one = inherited_.begin(); one != inherited_.end(); ++one) {
    if (one->name != LockName(path)) continue;
    UniqueFd lock = std::move(one->fd);
    inherited_.erase(one);
    return lock;
  }
  return UniqueFd();
}

KeptFd SocketStore::Keep(const std::string& key, const std::string& place,
                         int fd) {
  if (store_ == nullptr) return KeptFd();
  return KeptFd(store_, SocketName(key, place), fd);
}

KeptFd SocketStore::KeepLock(const std::string& path, int fd) {
  if (store_ == nullptr) return KeptFd();
  return KeptFd(store_, LockName(path), fd);
}

std::vector<HandedFd> SocketStore::TakeNamed(absl::string_view prefix) {
  std::vector<HandedFd> taken;
  std::vector<HandedFd> rest;
  for (HandedFd& one : inherited_) {
    (absl::StartsWith(one.name, prefix) ? taken : rest)
        .push_back(std::move(one));
  }
  inherited_ = std::move(rest);
  return taken;
}

}  // namespace drover::os
