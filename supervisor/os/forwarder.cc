#include "supervisor/os/forwarder.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"

namespace drover::os {
namespace {

// A second open file for the same pipe or terminal, with flags of its own.
UniqueFd Reopen(int fd) {
  return UniqueFd(::open(absl::StrCat("/proc/self/fd/", fd).c_str(),
                         O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

bool CanTakePortion(int fd) {
  pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&ready, 1, 0) == 1;
}

}  // namespace

Forwarder::Forwarder(asio::io_context& io, int fd) : io_(io), fd_(fd) {
  struct stat info;
  if (::fstat(fd, &info) != 0) {
    Stop(errno);
    return;
  }
  if (S_ISREG(info.st_mode)) return;
  is_socket_ = S_ISSOCK(info.st_mode);
  UniqueFd own = is_socket_ ? UniqueFd() : Reopen(fd);
  if (!own.ok()) {
    may_block_ = !is_socket_;
    own.reset(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  }
  own_ = std::make_unique<FdWatcher>(io, std::move(own));
  own_->OnWritable([this] { Flush(); });
}

void Forwarder::Write(absl::string_view line) {
  if (dropped_ > 0 && !stopped_) NoteDropped();
  if (stopped_ || buffer_.size() + line.size() + 1 > kBufferBytes) {
    ++dropped_;
    ++dropped_in_all_;
    return;
  }
  absl::StrAppend(&buffer_, line, "\n");
  ScheduleFlush();
}

void Forwarder::Write(state::v1::Forwarder* to) const {
  to->set_unwritten(buffer_);
  to->set_dropped(dropped_);
  to->set_dropped_in_all(dropped_in_all_);
  to->set_stopped(stopped_);
}

void Forwarder::Read(const state::v1::Forwarder& from) {
  buffer_ = from.unwritten();
  dropped_ = from.dropped();
  dropped_in_all_ = from.dropped_in_all();
  if (from.stopped()) {
    stopped_ = true;
    own_.reset();
  }
  if (!buffer_.empty()) ScheduleFlush();
}

void Forwarder::NoteDropped() {
  std::string note =
      absl::StrCat("[drover] ", dropped_, " lines dropped: output too slow\n");
  // Room for more than the note, or it would come again with each line.
  if (buffer_.size() > kBufferBytes / 2) return;
  buffer_ += note;
  dropped_ = 0;
}

void Forwarder::ScheduleFlush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  asio::post(io_, [this, alive = std::weak_ptr<char>(alive_)] {
    if (alive.expired()) return;
    flush_scheduled_ = false;
    Flush();
  });
}

void Forwarder::Flush() {
  size_t written = 0;
  int error_number = 0;
  while (written < buffer_.size()) {
    ssize_t count = WriteSome(absl::string_view(buffer_).substr(written));
    if (count >= 0) {
      written += static_cast<size_t>(count);
    } else if (errno != EINTR) {
      error_number = errno;
      break;
    }
  }
  buffer_.erase(0, written);
  if (error_number == EAGAIN) {
    own_->WaitWritable();
  } else if (error_number != 0) {
    Stop(error_number);
  } else if (dropped_ > 0) {
    NoteDropped();
    ScheduleFlush();
  }
}

ssize_t Forwarder::WriteSome(absl::string_view bytes) {
  if (own_ == nullptr) return ::write(fd_, bytes.data(), bytes.size());
  if (is_socket_) {
    return ::send(own_->fd(), bytes.data(), bytes.size(),
                  MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (may_block_) {
    if (!CanTakePortion(own_->fd())) {
      errno = EAGAIN;
      return -1;
    }
    bytes = bytes.substr(0, PIPE_BUF);
  }
  return ::write(own_->fd(), bytes.data(), bytes.size());
}

void Forwarder::Stop(int error_number) {
  stopped_ = true;
  own_.reset();
  std::string().swap(buffer_);
  log::Warning(absl::StrCat("standard output: ", ::strerror(error_number),
                            "; the workers' output is not forwarded any more"));
}

}  // namespace drover::os
