#include "conformance/wire/text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drover::conformance {
namespace {

constexpr size_t kHexMax = 32;

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// How long the code point is that a lead byte begins; 0 for no lead byte.
size_t LengthOfLead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// The length of the code point at the front where it may be shown, else 0.
size_t Shown(absl::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) {
    return (lead >= 0x20 && lead != 0x7f) || lead == '\n' || lead == '\t';
  }
  size_t length = LengthOfLead(lead);
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  auto second = static_cast<unsigned char>(text[1]);
  // C1 controls, overlong forms, surrogates, and what lies above U+10FFFF.
  if (lead == 0xc2 && second < 0xa0) return 0;
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second >= 0xa0) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second >= 0x90) return 0;
  return length;
}

}  // namespace

std::string Printable(absl::string_view bytes, size_t limit) {
  absl::string_view left = bytes.substr(0, limit);
  std::string text;
  while (!left.empty()) {
    size_t length = Shown(left);
    if (length == 0) {
      absl::StrAppendFormat(&text, "\\x%02x",
                            static_cast<unsigned char>(left[0]));
      length = 1;
    } else {
      absl::StrAppend(&text, left.substr(0, length));
    }
    left.remove_prefix(length);
  }
  if (bytes.size() > limit) {
    absl::StrAppend(&text, "... (", bytes.size() - limit, " more bytes)");
  }
  return text;
}

std::string Hex(absl::string_view bytes) {
  std::string text;
  for (char c : bytes.substr(0, kHexMax)) {
    absl::StrAppendFormat(&text, "%s%02x", text.empty() ? "" : " ",
                          static_cast<unsigned char>(c));
  }
  if (bytes.size() > kHexMax) {
    absl::StrAppend(&text, " ... (", bytes.size(), " bytes)");
  }
  return text;
}

size_t CutCodePoint(absl::string_view text) {
  size_t longest = std::min<size_t>(text.size(), 4);
  for (size_t back = 1; back <= longest; ++back) {
    char c = text[text.size() - back];
    if (IsContinuation(c)) continue;
    return LengthOfLead(static_cast<unsigned char>(c)) > back ? back : 0;
  }
  return 0;
}

}  // namespace drover::conformance
