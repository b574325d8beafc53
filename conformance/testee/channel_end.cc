#include "conformance/testee/channel_end.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conformance/wire/frame.h"

namespace drover::conformance {
namespace {

constexpr size_t kSmallBuffer = 60000;

}  // namespace

void ChannelEnd::Send(const worker::v1::ToSupervisor& frame) {
  std::string bytes = Framed(frame.SerializeAsString());
  if (behaviour_.Faulty("no_write_lock")) return WriteUnlocked(bytes);
  std::lock_guard<std::mutex> lock(mutex_);
  if (behaviour_.Faulty("drops_when_full") && !outbox_.empty()) return;
  outbox_ += bytes;
  while (!outbox_.empty()) {
    int flags = behaviour_.Faulty("sigpipe") ? 0 : MSG_NOSIGNAL;
    ssize_t sent =
        ::send(fd_, outbox_.data(), outbox_.size(), flags | MSG_DONTWAIT);
    // A mutant may take something else for a channel.
    if (sent < 0 && errno == ENOTSOCK) {
      sent = ::write(fd_, outbox_.data(), outbox_.size());
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) outbox_.clear();
    if (sent <= 0) return;
    outbox_.erase(0, static_cast<size_t>(sent));
  }
}

// In two halves, with whatever other threads write between.
void ChannelEnd::WriteUnlocked(const std::string& bytes) {
  size_t half = bytes.size() / 2;
  for (size_t at = 0; at < bytes.size();) {
    size_t size = at < half ? half - at : bytes.size() - at;
    ssize_t sent = ::send(fd_, bytes.data() + at, size, MSG_NOSIGNAL);
    if (sent > 0) at += static_cast<size_t>(sent);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    ::sched_yield();
  }
}

bool ChannelEnd::Pending() {
  std::lock_guard<std::mutex> lock(mutex_);
  return !outbox_.empty();
}

void ChannelEnd::Flush() {
  std::lock_guard<std::mutex> lock(mutex_);
  ssize_t sent =
      ::send(fd_, outbox_.data(), outbox_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) outbox_.erase(0, static_cast<size_t>(sent));
  if (sent < 0 && errno != EAGAIN && errno != EINTR) outbox_.clear();
}

void ChannelEnd::FlushAll() {
  while (Pending()) {
    pollfd polled = {fd_, POLLOUT, 0};
    ::poll(&polled, 1, -1);
    Flush();
  }
}

ChannelEnd::Read ChannelEnd::ReadSome() {
  char buffer[65536];
  ssize_t size = ::recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Read::kNothing;
  if (size < 0) return Read::kReset;
  if (size == 0) return Read::kEnd;
  bool alone = inbox_.empty();
  inbox_.append(buffer, static_cast<size_t>(size));
  fresh_ = true;
  if (behaviour_.Faulty("header_in_one_read") && alone &&
      size < static_cast<ssize_t>(kHeaderSize)) {
    inbox_.clear();
  }
  return Read::kBytes;
}

void ChannelEnd::DropInput() {
  char buffer[65536];
  while (::recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT) > 0) {
  }
  inbox_.clear();
}

std::optional<Violation> ChannelEnd::JudgeLength(uint32_t length) const {
  size_t most = behaviour_.Faulty("small_buffer") ? kSmallBuffer : kFrameMax;
  bool too_long = length > most && !behaviour_.Faulty("oversize_ok");
  bool empty = length == 0 && !behaviour_.Faulty("zero_ok");
  if (!too_long && !empty) return std::nullopt;
  return Violation{worker::v1::PROTOCOL_ERROR_CODE_FRAME_SIZE,
                   "expected a frame of 1 to 65536 bytes"};
}

std::optional<std::string> ChannelEnd::Next(
    std::optional<Violation>& violation) {
  if (!fresh_ && behaviour_.Faulty("one_frame_per_read")) inbox_.clear();
  if (inbox_.size() < kHeaderSize) return std::nullopt;
  uint32_t length = 0;
  for (size_t i = 0; i < kHeaderSize; ++i) {
    length = length << 8 | static_cast<unsigned char>(inbox_[i]);
  }
  if (auto found = JudgeLength(length)) {
    if (behaviour_.Faulty("resynchronises")) {
      inbox_.erase(0, 1);
      return Next(violation);
    }
    violation = found;
    return std::nullopt;
  }
  if (inbox_.size() < kHeaderSize + length) {
    if (behaviour_.Faulty("body_in_one_read")) inbox_.clear();
    return std::nullopt;
  }
  std::string body = inbox_.substr(kHeaderSize, length);
  inbox_.erase(0, kHeaderSize + length);
  fresh_ = false;
  return body;
}

}  // namespace drover::conformance
