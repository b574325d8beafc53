#include "supervisor/output/sanitize.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace drover::output {
namespace {

struct CodePoint {
  uint32_t value = 0;
  // Bytes it took; 0 if what is there is not UTF-8.
  size_t size = 0;
};

// How many bytes a sequence has that begins with `lead`, and the smallest value
// that needs so many; 0 for a byte that begins none.
struct Lead {
  size_t size;
  uint32_t payload;
  uint32_t smallest;
};

Lead Classify(unsigned char lead) {
  if (lead < 0x80) return {1, lead, 0};
  if (lead >= 0xc2 && lead <= 0xdf) return {2, lead & 0x1fu, 0x80};
  if (lead >= 0xe0 && lead <= 0xef) return {3, lead & 0x0fu, 0x800};
  if (lead >= 0xf0 && lead <= 0xf4) return {4, lead & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool IsSurrogate(uint32_t value) { return value >= 0xd800 && value <= 0xdfff; }

CodePoint Decode(absl::string_view text) {
  Lead lead = Classify(static_cast<unsigned char>(text[0]));
  if (lead.size == 0 || lead.size > text.size()) return {};
  uint32_t value = lead.payload;
  for (size_t i = 1; i < lead.size; ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {};
    value = value << 6 | (byte & 0x3fu);
  }
  if (value < lead.smallest || value > 0x10ffff || IsSurrogate(value)) {
    return {};
  }
  return {value, lead.size};
}

// Marks, embeddings, overrides and isolates: they turn the text around them.
bool IsDirectional(uint32_t value) {
  return (value >= 0x202a && value <= 0x202e) ||
         (value >= 0x2066 && value <= 0x2069) || value == 0x200e ||
         value == 0x200f || value == 0x061c;
}

bool IsControl(uint32_t value) {
  return (value < 0x20 && value != '\t') || (value >= 0x7f && value <= 0x9f);
}

bool IsLineSeparator(uint32_t value) {
  return value == 0x2028 || value == 0x2029;
}

void AppendByte(unsigned char byte, std::string* out) {
  absl::StrAppendFormat(out, "\\x%02X", byte);
}

}  // namespace

std::string Sanitize(absl::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    CodePoint point = Decode(raw);
    if (point.size == 0) {
      AppendByte(static_cast<unsigned char>(raw[0]), &out);
      raw.remove_prefix(1);
      continue;
    }
    if (point.size == 1 && IsControl(point.value)) {
      AppendByte(static_cast<unsigned char>(raw[0]), &out);
    } else if (IsControl(point.value) || IsDirectional(point.value) ||
               IsLineSeparator(point.value)) {
      absl::StrAppendFormat(&out, "\\u{%04X}", point.value);
    } else {
      out.append(raw.data(), point.size);
    }
    raw.remove_prefix(point.size);
  }
  return out;
}

}  // namespace drover::output
