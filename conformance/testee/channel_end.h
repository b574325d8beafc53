// The testee's end of the channel: frames in, frames out.
#ifndef CONFORMANCE_TESTEE_CHANNEL_END_H_
#define CONFORMANCE_TESTEE_CHANNEL_END_H_

#include <mutex>
#include <optional>
#include <string>

#include "conformance/testee/behaviour.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

// What a broken stream is to be answered with.
struct Violation {
  worker::v1::ProtocolErrorCode code;
  std::string text;
};

// Any thread may send; one reads.
class ChannelEnd {
 public:
  ChannelEnd(int fd, const Behaviour& behaviour)
      : fd_(fd), behaviour_(behaviour) {}

  int fd() const { return fd_; }

  // Queues a frame and writes what can be written.
  void Send(const worker::v1::ToSupervisor& frame);
  // There is something left to write.
  bool Pending();
  void Flush();
  // Writes all, however long that takes.
  void FlushAll();

  enum class Read { kBytes, kNothing, kEnd, kReset };
  Read ReadSome();
  // Forgets what was read and not handled.
  void ForgetInput() { inbox_.clear(); }
  // Reads and forgets.
  void DropInput();
  // Whether a part of a frame has been read.
  bool mid_frame() const { return !inbox_.empty(); }
  // The body of the next frame; sets `violation` where there can be none.
  std::optional<std::string> Next(std::optional<Violation>& violation);

 private:
  void WriteUnlocked(const std::string& bytes);
  std::optional<Violation> JudgeLength(uint32_t length) const;

  int fd_;
  const Behaviour& behaviour_;
  std::mutex mutex_;
  std::string outbox_;
  std::string inbox_;
  // The frame that Next() returned was the first of its read.
  bool fresh_ = false;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_TESTEE_CHANNEL_END_H_
