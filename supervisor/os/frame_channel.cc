#include "supervisor/os/frame_channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <limits>

namespace drover::os {
namespace {

// What one channel may take of one turn of the loop.
constexpr size_t kTurnBytes = 16 * 1024;
constexpr int kTurnFrames = 256;

// What may have been on its way when the other side died. Above any default
// size of a socket's buffer.
constexpr size_t kDryBytes = 4 << 20;

}  // namespace

FrameChannel::FrameChannel(asio::io_context& io, UniqueFd fd, Limits limits,
                           Callbacks callbacks)
    : socket_(io, std::move(fd)),
      limits_(limits),
      callbacks_(std::move(callbacks)),
      reader_(limits.frame_max) {
  socket_.OnReadable([this] { Turn(); });
  socket_.OnWritable([this] {
    Flush();
    if (queue_.empty() && callbacks_.drained) callbacks_.drained();
  });
  socket_.WaitReadable();
}

void FrameChannel::Turn() {
  if (!reading_) return;
  // First what was read before and did not fit in its turn.
  if (!HandOut(kTurnFrames)) return socket_.PostReadable();
  if (!reading_) return;
  switch (ReadOnce()) {
    case Got::kData:
      if (!HandOut(kTurnFrames)) return socket_.PostReadable();
      break;
    case Got::kNothingYet:
      break;
    case Got::kEnd:
      reading_ = false;
      callbacks_.closed();
      break;
  }
  if (reading_) socket_.WaitReadable();
}

void FrameChannel::ReadDry() {
  for (size_t bytes = 0; reading_ && bytes < kDryBytes; bytes += kTurnBytes) {
    HandOut(std::numeric_limits<int>::max());
    if (!reading_ || ReadOnce() != Got::kData) break;
  }
  if (reading_) HandOut(std::numeric_limits<int>::max());
  reading_ = false;
}

FrameChannel::Got FrameChannel::ReadOnce() {
  char buffer[kTurnBytes];
  while (true) {
    ssize_t count = ::recv(socket_.fd(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count > 0) {
      reader_.Append({buffer, static_cast<size_t>(count)});
      return Got::kData;
    }
    if (count == 0) return Got::kEnd;
    if (errno == EAGAIN) return Got::kNothingYet;
    // ECONNRESET comes once, where the other side died with something of ours
    // unread, and what it had written is read all the same.
    if (errno != EINTR && errno != ECONNRESET) return Got::kEnd;
  }
}

bool FrameChannel::HandOut(int limit) {
  for (int count = 0; reading_ && count < limit; ++count) {
    auto body = reader_.Next();
    if (!body.ok()) {
      reading_ = false;
      callbacks_.rejected(body.status());
      return true;
    }
    if (!body->has_value()) return true;
    callbacks_.frame(**body);
  }
  return !reading_;
}

void FrameChannel::Write(state::v1::Channel* to, FdLedger* fds) {
  to->set_fd(fds->Carry(socket_.fd()));
  to->set_received(std::string(reader_.pending()));
  to->set_reading(reading_);
  to->mutable_queue()->Assign(queue_.begin(), queue_.end());
  to->set_written(front_written_);
  to->set_accepting(accepting_);
}

void FrameChannel::Read(const state::v1::Channel& from) {
  reader_.Append(from.received());
  reading_ = from.reading();
  queue_.assign(from.queue().begin(), from.queue().end());
  for (const std::string& frames : queue_) queued_bytes_ += frames.size();
  front_written_ = from.written();
  accepting_ = from.accepting();
  // Whole frames may be among it, and nothing more may ever come.
  if (!from.received().empty()) socket_.PostReadable();
  if (!queue_.empty()) socket_.WaitWritable();
}

void FrameChannel::Send(std::string frames) {
  if (!accepting_ || frames.empty()) return;
  if (queue_.size() >= limits_.queue_frames ||
      queued_bytes_ + frames.size() > limits_.queue_bytes) {
    accepting_ = false;
    callbacks_.overflowed();
    return;
  }
  queued_bytes_ += frames.size();
  queue_.push_back(std::move(frames));
  if (queue_.size() == 1) Flush();
}

void FrameChannel::Flush() {
  while (!queue_.empty() && WriteFront()) {
  }
  if (queue_.empty()) {
    std::vector<std::string>().swap(queue_);
  } else {
    socket_.WaitWritable();
  }
}

bool FrameChannel::WriteFront() {
  const std::string& front = queue_.front();
  ssize_t count =
      ::send(socket_.fd(), front.data() + front_written_,
             front.size() - front_written_, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0) {
    if (errno == EINTR) return true;
    if (errno == EAGAIN) return false;
    // Nobody is there to read. That the reading side finds out, behind what
    // was written last.
    accepting_ = false;
    queue_.clear();
    queued_bytes_ = 0;
    return false;
  }
  front_written_ += static_cast<size_t>(count);
  if (front_written_ == front.size()) {
    queued_bytes_ -= front.size();
    queue_.erase(queue_.begin());
    front_written_ = 0;
  }
  return true;
}

}  // namespace drover::os
