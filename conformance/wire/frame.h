// Frames as bytes: right ones, and what is needed to write wrong ones.
#ifndef CONFORMANCE_WIRE_FRAME_H_
#define CONFORMANCE_WIRE_FRAME_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::conformance {

inline constexpr uint32_t kFrameMax = 65536;
inline constexpr size_t kHeaderSize = 4;

// Any length, legal or not.
std::string Header(uint32_t length);

// The body behind its header; not judged.
std::string Framed(absl::string_view body);

// Cuts what a peer wrote into frames. Holds one incomplete frame at most, as
// long as its owner takes frames out before it appends more.
class FrameCutter {
 public:
  void Append(absl::string_view bytes) {
    buffer_.append(bytes.data(), bytes.size());
  }

  // The next whole frame; nullopt where there is none yet, or ever again.
  std::optional<std::string> Next();

  // The length of a header that no frame may have. Nothing is read behind it.
  std::optional<uint32_t> bad_length() const { return bad_length_; }

  // Bytes of a frame that is not complete.
  size_t rest() const { return buffer_.size(); }

 private:
  std::string buffer_;
  std::optional<uint32_t> bad_length_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_WIRE_FRAME_H_
