#include "supervisor/wire/frame.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace drover::wire {
namespace {

absl::Status CheckSize(uint64_t size, uint32_t max_size) {
  if (size == 0) return absl::InvalidArgumentError("frame of length 0");
  if (size > max_size) {
    return absl::InvalidArgumentError(
        absl::StrCat("frame of length ", size, ", above ", max_size));
  }
  return absl::OkStatus();
}

uint32_t LoadLength(const char* p) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(p);
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 |
         uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

void AppendLength(uint32_t length, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(length >> shift & 0xff));
  }
}

}  // namespace

void FrameReader::Append(absl::string_view bytes) {
  Compact();
  buffer_.append(bytes.data(), bytes.size());
}

absl::StatusOr<std::optional<absl::string_view>> FrameReader::Next() {
  size_t available = buffer_.size() - begin_;
  if (available < kHeaderSize) {
    // A view handed out before is no longer valid: the buffer may be given up.
    Compact();
    return std::nullopt;
  }
  uint32_t length = LoadLength(buffer_.data() + begin_);
  if (absl::Status size = CheckSize(length, max_size_); !size.ok()) return size;
  if (available - kHeaderSize < length) return std::nullopt;
  absl::string_view body(buffer_.data() + begin_ + kHeaderSize, length);
  begin_ += kHeaderSize + length;
  return body;
}

void FrameReader::Compact() {
  if (begin_ == 0) return;
  if (begin_ == buffer_.size()) {
    std::string().swap(buffer_);
  } else {
    buffer_.erase(0, begin_);
  }
  begin_ = 0;
}

absl::Status AppendFrame(absl::string_view body, uint32_t max_size,
                         std::string* out) {
  if (absl::Status size = CheckSize(body.size(), max_size); !size.ok()) {
    return size;
  }
  AppendLength(static_cast<uint32_t>(body.size()), out);
  out->append(body.data(), body.size());
  return absl::OkStatus();
}

}  // namespace drover::wire
