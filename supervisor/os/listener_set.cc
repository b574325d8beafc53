#include "supervisor/os/listener_set.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover::os {
namespace {

std::string KeyOf(const config::v1::Pool& pool,
                  const config::v1::Listener& spec) {
  bool any_port = absl::StartsWith(spec.address(), "tcp://") &&
                  absl::EndsWith(spec.address(), ":0");
  if (!any_port) return spec.address();
  return absl::StrCat(spec.address(), " ", pool.name(), "/", spec.name());
}

}  // namespace

absl::StatusOr<std::vector<NamedListener>> ListenerSet::Take(
    const config::v1::Pool& pool) {
  std::vector<NamedListener> taken;
  for (const config::v1::Listener& spec : pool.listeners()) {
    std::weak_ptr<Listener>& known = open_[KeyOf(pool, spec)];
    if (std::shared_ptr<Listener> socket = known.lock()) {
      socket->Update(spec);
      taken.push_back({spec.name(), std::move(socket)});
      continue;
    }
    auto opened = Listener::Open(spec, KeyOf(pool, spec), sockets_);
    if (!opened.ok()) {
      return absl::Status(
          opened.status().code(),
          absl::StrCat("pool ", pool.name(), ": listener ", spec.name(), " (",
                       spec.address(), "): ", opened.status().message()));
    }
    known = *opened;
    taken.push_back({spec.name(), *std::move(opened)});
  }
  std::erase_if(open_,
                [](const auto& entry) { return entry.second.expired(); });
  return taken;
}

std::vector<SocketStore::Wanted> SocketsOf(const config::v1::Config& config) {
  std::vector<SocketStore::Wanted> wanted;
  for (const config::v1::Pool& pool : config.pools()) {
    for (const config::v1::Listener& spec : pool.listeners()) {
      auto address = config::ParseAddress(spec.address());
      if (!address.ok()) continue;
      wanted.push_back({KeyOf(pool, spec), *std::move(address)});
    }
  }
  return wanted;
}

}  // namespace drover::os
