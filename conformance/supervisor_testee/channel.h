// The supervisor's end of one worker's channel.
#ifndef CONFORMANCE_SUPERVISOR_TESTEE_CHANNEL_H_
#define CONFORMANCE_SUPERVISOR_TESTEE_CHANNEL_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "conformance/supervisor_testee/settings.h"
#include "conformance/trial/fd.h"
#include "conformance/wire/frame.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

class Channel {
 public:
  Channel(Fd fd, const Settings& settings);

  int fd() const { return fd_.get(); }

  // Queues a frame and writes what can be written, without waiting.
  void Send(const worker::v1::ToWorker& frame);
  void Flush();
  // Nothing is written from here on.
  void Mute() { muted_ = true; }
  bool Pending() const { return !queue_.empty(); }
  size_t queued_frames() const { return queue_.size(); }
  // More would wait than a worker may leave unread.
  bool overflown() const { return overflown_; }
  void HalfClose();

  enum class Read { kBytes, kNothing, kEnd };
  Read ReadSome();
  // The end of the stream was read.
  bool ended() const { return ended_; }
  bool mid_frame() const { return cutter_.rest() > 0; }

  // The body of the next frame; nullopt where there is none yet, or, with
  // `violation` set, ever again.
  std::optional<std::string> Next(
      std::optional<worker::v1::ProtocolErrorCode>& violation);

 private:
  using Clock = std::chrono::steady_clock;

  bool WithinRate();

  const Settings& settings_;
  Fd fd_;
  FrameCutter cutter_;
  std::deque<std::string> queue_;
  size_t queued_bytes_ = 0;
  bool overflown_ = false;
  bool muted_ = false;
  bool ended_ = false;
  // What comes now is read and forgotten.
  bool broken_ = false;
  // So many frames may still come; grows with time.
  double allowance_;
  Clock::time_point allowed_at_ = Clock::now();
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_TESTEE_CHANNEL_H_
