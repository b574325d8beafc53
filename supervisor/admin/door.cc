#include "supervisor/admin/door.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"

namespace drover::admin {
namespace {

constexpr long kRestNanoseconds = 100'000'000;

bool IsPowerOfTwo(uint64_t n) { return (n & (n - 1)) == 0; }

// The peer left while it waited in the queue.
bool HasLeft(int socket) {
  pollfd poll = {socket, 0, 0};
  return ::poll(&poll, 1, 0) == 1 && (poll.revents & POLLHUP) != 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Door>> Door::Create(UniqueFd listener,
                                                   const Roles* roles,
                                                   size_t max_connections,
                                                   Loop* loop, Admit admit) {
  UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer.ok()) return absl::ErrnoToStatus(errno, "timerfd_create");
  std::unique_ptr<Door> door(new Door(std::move(listener), std::move(timer),
                                      roles, max_connections, loop,
                                      std::move(admit)));
  if (absl::Status status = door->Register(); !status.ok()) return status;
  return door;
}

Door::Door(UniqueFd listener, UniqueFd timer, const Roles* roles,
           size_t max_connections, Loop* loop, Admit admit)
    : listener_(std::move(listener)),
      timer_(std::move(timer)),
      roles_(roles),
      max_connections_(max_connections),
      loop_(loop),
      admit_(std::move(admit)) {}

Door::~Door() {
  loop_->Remove(listener_.get());
  loop_->Remove(timer_.get());
  for (const auto& [watch, fd] : inside_) loop_->Remove(watch);
}

absl::Status Door::Register() {
  absl::Status status =
      loop_->Add(timer_.get(), EPOLLIN, [this](uint32_t) { OnRested(); });
  if (!status.ok()) return status;
  return loop_->Add(listener_.get(), EPOLLIN, [this](uint32_t) { OnKnock(); });
}

void Door::OnKnock() {
  UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr,
                            SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.ok()) {
    Receive(std::move(socket));
  } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
    Rest(errno);
  }
}

void Door::Receive(UniqueFd socket) {
  if (!IsWelcome(socket.get()) || HasLeft(socket.get())) return;
  UniqueFd watch(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!watch.ok()) return Rest(errno);
  int number = watch.get();
  absl::Status watched =
      loop_->Add(number, 0, [this, number](uint32_t) { OnGone(number); });
  if (!watched.ok()) return log::Warning(watched.message());
  inside_[number] = std::move(watch);
  Update();
  admit_(std::move(socket));
}

bool Door::IsWelcome(int socket) {
  absl::StatusOr<control::v1::Caller> peer = PeerOf(socket);
  if (peer.ok() && roles_->MayConnect(peer->uid())) return true;
  ++refused_;
  // Said at 1, 2, 4, 8 …: whoever knocks in a loop cannot fill a disk.
  if (IsPowerOfTwo(refused_)) {
    log::Warning(absl::StrCat("admin: refused a connection of uid ",
                              peer.ok() ? peer->uid() : -1, ", pid ",
                              peer.ok() ? peer->pid() : -1, "; ", refused_,
                              " refused so far"));
  }
  return false;
}

void Door::OnGone(int watch) {
  loop_->Remove(watch);
  inside_.erase(watch);
  Update();
}

void Door::Rest(int error) {
  log::Warning(absl::StrCat("admin: accepting pauses: ", strerror(error)));
  itimerspec spec = {};
  spec.it_value.tv_nsec = kRestNanoseconds;
  resting_ = ::timerfd_settime(timer_.get(), 0, &spec, nullptr) == 0;
  Update();
}

void Door::OnRested() {
  uint64_t expirations;
  if (::read(timer_.get(), &expirations, sizeof(expirations)) < 0) return;
  resting_ = false;
  Update();
}

void Door::Update() {
  bool open = !resting_ && inside_.size() < max_connections_;
  if (open == open_) return;
  open_ = open;
  DROVER_LOG(kAdmin, open ? "accepting again" : "accepting pauses", ", ",
             inside_.size(), " inside");
  uint32_t events = open ? uint32_t{EPOLLIN} : 0;
  // Cannot fail for a descriptor that is registered.
  loop_->Modify(listener_.get(), events).IgnoreError();
}

}  // namespace drover::admin
