#include "supervisor/config/surrogates.h"

#include <cstdint>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover::config {
namespace {

constexpr size_t kEscape = 6;  // \uXXXX

// The code of an escape \uXXXX at the front.
std::optional<uint32_t> ReadEscape(absl::string_view text) {
  uint32_t code = 0;
  if (!absl::StartsWith(text, "\\u") || text.size() < kEscape ||
      !absl::SimpleHexAtoi(text.substr(2, 4), &code)) {
    return std::nullopt;
  }
  return code;
}

// The character of a pair of escapes at the front.
std::optional<uint32_t> ReadPair(absl::string_view text) {
  std::optional<uint32_t> high = ReadEscape(text);
  if (!high || *high < 0xd800 || *high > 0xdbff) return std::nullopt;
  std::optional<uint32_t> low = ReadEscape(text.substr(kEscape));
  if (!low || *low < 0xdc00 || *low > 0xdfff) return std::nullopt;
  return 0x10000 + ((*high - 0xd800) << 10) + (*low - 0xdc00);
}

}  // namespace

std::string JoinSurrogates(absl::string_view json) {
  std::string joined;
  while (true) {
    size_t slash = json.find('\\');
    absl::StrAppend(&joined, json.substr(0, slash));
    if (slash == absl::string_view::npos) return joined;
    json.remove_prefix(slash);
    if (std::optional<uint32_t> code = ReadPair(json)) {
      absl::StrAppend(&joined, "\\U", absl::Hex(*code, absl::kZeroPad8));
      json.remove_prefix(2 * kEscape);
    } else {
      // A backslash takes what follows with it: "\\u" is no escape.
      absl::StrAppend(&joined, json.substr(0, 2));
      json.remove_prefix(json.size() < 2 ? json.size() : 2);
    }
  }
}

}  // namespace drover::config
