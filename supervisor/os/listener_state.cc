// Listening sockets, written down for another program and taken over from one.
#include <memory>
#include <utility>
#include <vector>

#include "supervisor/os/listener.h"
#include "supervisor/os/listener_set.h"
#include "supervisor/os/unix_listener.h"

namespace drover::os {

void UnixListener::Write(state::v1::UnixSocket* to, FdLedger* fds) const {
  to->set_path(path_);
  to->set_socket(fds->Carry(fd()));
  to->set_lock(-1);
  if (!lock_) return;
  to->set_lock_path(lock_->path());
  to->set_lock(fds->Carry(lock_->fd()));
}

UnixListener UnixListener::Read(const state::v1::UnixSocket& from,
                                SocketStore& sockets, FdIntake* fds) {
  UnixListener listener(from.path(), fds->Take(from.socket()));
  if (from.lock() == -1) return listener;
  listener.lock_ = LockFile::TakeOver(from.lock_path(), fds->Take(from.lock()));
  const std::string key = config::ToText(
      {.kind = config::Address::Kind::kUnix, .path = from.path()});
  listener.kept_lock_ = sockets.KeepLock(from.path(), listener.lock_->fd());
  listener.kept_socket_ =
      sockets.Keep(key, PlaceOf(from.path()), listener.fd());
  return listener;
}

void Listener::Write(state::v1::Listener* to, FdLedger* fds) const {
  to->set_bound_address(bound_address_);
  if (unix_) {
    unix_->Write(to->mutable_unix(), fds);
  } else {
    to->set_tcp(fds->Carry(tcp_.get()));
    to->set_kept(kept_tcp_.is_kept());
  }
}

std::shared_ptr<Listener> Listener::Read(const state::v1::Listener& from,
                                         SocketStore& sockets, FdIntake* fds) {
  std::shared_ptr<Listener> listener(new Listener());
  listener->bound_address_ = from.bound_address();
  if (from.has_unix()) {
    listener->unix_.emplace(UnixListener::Read(from.unix(), sockets, fds));
  } else {
    listener->tcp_ = fds->Take(from.tcp());
    if (from.kept()) {
      listener->kept_tcp_ = sockets.Keep(from.key(), "", listener->fd());
    }
  }
  return listener;
}

std::vector<std::shared_ptr<Listener>> ListenerSet::Open() const {
  std::vector<std::shared_ptr<Listener>> all;
  for (const auto& [key, known] : open_) {
    if (auto listener = known.lock()) all.push_back(std::move(listener));
  }
  return all;
}

void ListenerSet::Write(state::v1::Shell* to, FdLedger* fds) const {
  for (const auto& [key, known] : open_) {
    auto listener = known.lock();
    if (listener == nullptr) continue;
    state::v1::Listener* written = to->add_listeners();
    written->set_key(key);
    listener->Write(written, fds);
  }
}

std::vector<std::shared_ptr<Listener>> ListenerSet::Read(
    const state::v1::Shell& from, FdIntake* fds) {
  std::vector<std::shared_ptr<Listener>> all;
  for (const state::v1::Listener& listener : from.listeners()) {
    all.push_back(Listener::Read(listener, sockets_, fds));
    open_[listener.key()] = all.back();
  }
  return all;
}

}  // namespace drover::os
