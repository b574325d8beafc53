#include "supervisor/handover/container.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "supervisor/handover/crc32c.h"

namespace drover::handover {
namespace {

constexpr absl::string_view kMagic = "DROVRST\n";
constexpr size_t kFormatAt = 8;
constexpr size_t kLengthAt = 12;
constexpr size_t kSumAt = 20;

void AppendNumber(uint64_t number, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(number >> shift & 0xff));
  }
}

uint64_t Number(absl::string_view bytes) {
  uint64_t number = 0;
  for (char byte : bytes) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

uint32_t SumOf(absl::string_view header, absl::string_view payload) {
  return Crc32c(payload, Crc32c(header.substr(0, kSumAt)));
}

absl::Status Refuse(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("the state ", what));
}

absl::Status CheckFormat(uint64_t format) {
  if (format > kFormat) {
    return Refuse(absl::StrCat("is of format ", format,
                               ", of a later release; this one reads up to ",
                               kFormat));
  }
  if (format < kOldestFormat) {
    return Refuse(absl::StrCat("is of format ", format,
                               "; this release reads from ", kOldestFormat,
                               " on"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string Wrap(absl::string_view payload, uint32_t format) {
  std::string bytes(kMagic);
  AppendNumber(format, 4, &bytes);
  AppendNumber(payload.size(), 8, &bytes);
  AppendNumber(SumOf(bytes, payload), 4, &bytes);
  absl::StrAppend(&bytes, payload);
  return bytes;
}

absl::StatusOr<absl::string_view> Unwrap(absl::string_view bytes) {
  if (bytes.empty()) return Refuse("is empty");
  if (!absl::StartsWith(bytes, kMagic.substr(0, bytes.size()))) {
    return Refuse("is none: it does not begin as one does");
  }
  if (bytes.size() < kHeaderBytes) return Refuse("is cut within its header");
  absl::Status format =
      CheckFormat(Number(bytes.substr(kFormatAt, kLengthAt - kFormatAt)));
  if (!format.ok()) return format;
  absl::string_view payload = bytes.substr(kHeaderBytes);
  uint64_t length = Number(bytes.substr(kLengthAt, kSumAt - kLengthAt));
  if (length != payload.size()) {
    return Refuse(absl::StrCat("is cut or has grown: ", payload.size(),
                               " bytes of ", length));
  }
  if (Number(bytes.substr(kSumAt, kHeaderBytes - kSumAt)) !=
      SumOf(bytes, payload)) {
    return Refuse("was changed: its checksum is another");
  }
  if (payload.empty()) return Refuse("has nothing in it");
  return payload;
}

}  // namespace drover::handover
