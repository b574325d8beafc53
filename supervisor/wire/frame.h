// Frames: a 32-bit big-endian length, then that many bytes (SPEC.md, chapter
// "Framing"). Pure: bytes in, bytes out; the reads and writes are done by
// others.
#ifndef SUPERVISOR_WIRE_FRAME_H_
#define SUPERVISOR_WIRE_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::wire {

// Bytes of the length in front of each frame.
inline constexpr size_t kHeaderSize = 4;

// The largest frame on a worker's channel; fixed in version 1 of the protocol.
inline constexpr uint32_t kWorkerFrameMax = 65536;

// The largest frame between the supervisor and its gateway.
inline constexpr uint32_t kControlFrameMax = 1 << 20;

// Cuts a stream of bytes into frames. Holds at most one incomplete frame and
// whatever was appended behind it; gives the memory back when it runs dry, so
// that an idle channel costs nothing. Not thread-safe.
class FrameReader {
 public:
  explicit FrameReader(uint32_t max_size) : max_size_(max_size) {}

  // Adds what was read from the stream, in any portions.
  void Append(absl::string_view bytes);

  // The body of the next complete frame; nullopt if more bytes are needed. The
  // view is valid until the next call of either function.
  //
  // InvalidArgument: a length of 0 or above the maximum. There is no way on
  // from there: every later call fails the same way. The length is judged
  // before the body has arrived, and nothing is reserved for it.
  absl::StatusOr<std::optional<absl::string_view>> Next();

  // The stream has stopped inside a frame. Meaningful after Next() said
  // nullopt.
  bool mid_frame() const { return begin_ < buffer_.size(); }

  // What was appended and not handed out: appended to another reader, it goes
  // on there. Valid until the next call of Append() or Next().
  absl::string_view pending() const {
    return absl::string_view(buffer_).substr(begin_);
  }

 private:
  void Compact();

  uint32_t max_size_;
  std::string buffer_;
  // What lies before it has been handed out.
  size_t begin_ = 0;
};

// Appends `body` as one frame. InvalidArgument, and nothing appended, if it is
// empty or longer than `max_size`.
absl::Status AppendFrame(absl::string_view body, uint32_t max_size,
                         std::string* out);

}  // namespace drover::wire

#endif  // SUPERVISOR_WIRE_FRAME_H_
