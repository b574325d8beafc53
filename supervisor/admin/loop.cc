#include "supervisor/admin/loop.h"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

namespace drover::admin {
namespace {

absl::Status Control(int epoll, int operation, int fd, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  if (::epoll_ctl(epoll, operation, fd, &event) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "epoll_ctl");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Loop>> Loop::Create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.ok()) return absl::ErrnoToStatus(errno, "epoll_create1");
  return std::unique_ptr<Loop>(new Loop(std::move(epoll)));
}

absl::Status Loop::Add(int fd, uint32_t events, Handler handler) {
  absl::Status added = Control(epoll_.get(), EPOLL_CTL_ADD, fd, events);
  if (!added.ok()) return added;
  handlers_[fd] = std::make_shared<Handler>(std::move(handler));
  return absl::OkStatus();
}

void Loop::Remove(int fd) {
  if (handlers_.erase(fd) == 0) return;
  // Cannot fail for a descriptor that was added and is still open.
  Control(epoll_.get(), EPOLL_CTL_DEL, fd, 0).IgnoreError();
}

absl::Status Loop::Modify(int fd, uint32_t events) {
  return Control(epoll_.get(), EPOLL_CTL_MOD, fd, events);
}

absl::Status Loop::Run() {
  while (!stopped_) {
    // One at a time: no event of this round can be about a descriptor that an
    // earlier one has closed.
    epoll_event event;
    int ready = ::epoll_wait(epoll_.get(), &event, 1, -1);
    if (ready < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, "epoll_wait");
    }
    if (ready <= 0) continue;
    auto it = handlers_.find(event.data.fd);
    if (it == handlers_.end()) continue;
    std::shared_ptr<Handler> handler = it->second;
    (*handler)(event.events);
  }
  return status_;
}

void Loop::Stop(absl::Status status) {
  // The first cause counts.
  if (!stopped_) status_ = std::move(status);
  stopped_ = true;
}

}  // namespace drover::admin
