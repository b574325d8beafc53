#include "conformance/supervisor_testee/channel.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace drover::conformance {

namespace v1 = worker::v1;

namespace {

constexpr double kFrameRateMax = 1000;
constexpr size_t kQueueFrames = 64;
constexpr size_t kQueueBytes = 1048576;
constexpr size_t kSmallBuffer = 60000;

}  // namespace

Channel::Channel(Fd fd, const Settings& settings)
    : settings_(settings), fd_(std::move(fd)), allowance_(kFrameRateMax) {}

void Channel::Send(const v1::ToWorker& frame) {
  if (muted_) return;
  queue_.push_back(Framed(frame.SerializeAsString()));
  queued_bytes_ += queue_.back().size();
  Flush();
  bool bounded = !settings_.Faulty("unbounded_queue") &&
                 !settings_.Faulty("messages_first");
  bool full = queue_.size() > kQueueFrames || queued_bytes_ > kQueueBytes;
  overflown_ |= full && bounded;
}

void Channel::Flush() {
  while (!queue_.empty()) {
    std::string& first = queue_.front();
    ssize_t sent = ::send(fd_.get(), first.data(), first.size(),
                          MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    // The end is seen when it is read.
    if (sent < 0) return queue_.clear();
    queued_bytes_ -= static_cast<size_t>(sent);
    first.erase(0, static_cast<size_t>(sent));
    if (first.empty()) queue_.pop_front();
  }
}

void Channel::HalfClose() { ::shutdown(fd_.get(), SHUT_WR); }

Channel::Read Channel::ReadSome() {
  char buffer[65536];
  ssize_t size = ::recv(fd_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Read::kNothing;
  if (size <= 0) {
    ended_ = true;
    return Read::kEnd;
  }
  bool part = size < static_cast<ssize_t>(kHeaderSize) && !mid_frame();
  if (broken_ || (part && settings_.Faulty("header_in_one_read"))) {
    return Read::kBytes;
  }
  cutter_.Append({buffer, static_cast<size_t>(size)});
  return Read::kBytes;
}

// A bucket, so that a supervisor that reads late blames nobody for it.
bool Channel::WithinRate() {
  Clock::time_point now = Clock::now();
  std::chrono::duration<double> passed = now - allowed_at_;
  allowed_at_ = now;
  allowance_ =
      std::min(allowance_ + passed.count() * kFrameRateMax, kFrameRateMax);
  allowance_ -= 1;
  return allowance_ >= 0 || settings_.Faulty("no_rate_limit");
}

std::optional<std::string> Channel::Next(
    std::optional<v1::ProtocolErrorCode>& violation) {
  if (broken_) return std::nullopt;
  std::optional<std::string> body = cutter_.Next();
  bool refused =
      body && body->size() > kSmallBuffer && settings_.Faulty("small_buffer");
  if (cutter_.bad_length() || refused) {
    broken_ = true;
    if (settings_.Faulty("oversize_ok")) return std::nullopt;
    violation = v1::PROTOCOL_ERROR_CODE_FRAME_SIZE;
  } else if (body && !WithinRate()) {
    broken_ = true;
    violation = v1::PROTOCOL_ERROR_CODE_LIMIT;
  }
  return broken_ ? std::nullopt : body;
}

}  // namespace drover::conformance
