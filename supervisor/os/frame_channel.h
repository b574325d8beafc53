// One end of a socketpair that carries frames.
#ifndef SUPERVISOR_OS_FRAME_CHANNEL_H_
#define SUPERVISOR_OS_FRAME_CHANNEL_H_

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/fd_watcher.h"
#include "supervisor/wire/frame.h"

namespace drover::os {

// Reads and writes frames and never waits for the other side. What the other
// side can make it do is bounded: the memory of both directions, and the time
// of one turn of the loop, so that one that floods takes its turn among the
// others. Not thread-safe. Callbacks must not destroy the channel.
class FrameChannel {
 public:
  struct Limits {
    uint32_t frame_max = wire::kWorkerFrameMax;
    // Of what waits to be written; whichever is reached first.
    size_t queue_frames = 64;
    size_t queue_bytes = 1 << 20;
  };

  struct Callbacks {
    // The body of a frame, valid during the call.
    std::function<void(absl::string_view)> frame;
    // Not a frame. Nothing is read from there on.
    std::function<void(const absl::Status&)> rejected;
    // The other side closed its end. Once; never after `rejected`.
    std::function<void()> closed;
    // The queue overflowed: this frame and every later one is dropped. Once.
    std::function<void()> overflowed;
    // What had to wait is written. May be empty.
    std::function<void()> drained = nullptr;
  };

  FrameChannel(asio::io_context& io, UniqueFd fd, Limits limits,
               Callbacks callbacks);
  FrameChannel(const FrameChannel&) = delete;
  FrameChannel& operator=(const FrameChannel&) = delete;

  // Writes or queues bytes that are whole frames.
  void Send(std::string frames);

  // What waits to be written.
  size_t queued_frames() const { return queue_.size(); }
  size_t queued_bytes() const { return queued_bytes_; }

  // Reads what is there now, without the bounds of a turn, since no more can
  // come: the other side is dead. `closed` is not called.
  void ReadDry();

  // Hands out nothing any more.
  void StopReading() { reading_ = false; }

  // Reads what is there now, within the bounds of a turn.
  void ReadNow() { Turn(); }

  // Writes down what is read and not handed out, and what is not written yet;
  // a new channel on the same descriptor that reads it goes on from there.
  void Write(state::v1::Channel* to, FdLedger* fds);
  void Read(const state::v1::Channel& from);

 private:
  enum class Got { kData, kNothingYet, kEnd };

  void Turn();
  Got ReadOnce();
  // Hands frames out until none is left or `limit` are handed out, which it
  // says with false.
  bool HandOut(int limit);
  void Flush();
  // Writes of the queue's front what fits. False: no more fits, or ever will.
  bool WriteFront();

  FdWatcher socket_;
  Limits limits_;
  Callbacks callbacks_;
  wire::FrameReader reader_;
  // Frames still come.
  bool reading_ = true;

  // Empty as long as the other side reads.
  std::vector<std::string> queue_;
  size_t queued_bytes_ = 0;
  // Of the front that is written already.
  size_t front_written_ = 0;
  // Send() still takes frames.
  bool accepting_ = true;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FRAME_CHANNEL_H_
