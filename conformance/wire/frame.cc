#include "conformance/wire/frame.h"

#include "absl/strings/str_cat.h"

namespace drover::conformance {

std::string Header(uint32_t length) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(length >> shift & 0xff));
  }
  return bytes;
}

std::string Framed(absl::string_view body) {
  return absl::StrCat(Header(static_cast<uint32_t>(body.size())), body);
}

std::optional<std::string> FrameCutter::Next() {
  if (bad_length_ || buffer_.size() < kHeaderSize) return std::nullopt;
  uint32_t length = 0;
  for (size_t i = 0; i < kHeaderSize; ++i) {
    length = length << 8 | static_cast<unsigned char>(buffer_[i]);
  }
  if (length == 0 || length > kFrameMax) {
    bad_length_ = length;
    return std::nullopt;
  }
  if (buffer_.size() < kHeaderSize + length) return std::nullopt;
  std::string body = buffer_.substr(kHeaderSize, length);
  buffer_.erase(0, kHeaderSize + length);
  return body;
}

}  // namespace drover::conformance
