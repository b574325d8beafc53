#include "supervisor/config/substitute.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "supervisor/config/problem.h"

namespace drover::config {
namespace {

constexpr size_t kOffsetDigitsMax = 9;

absl::Status Refuse(absl::string_view found, const References& references) {
  return ToStatus(
      {.field = "",
       .found = std::string(found),
       .remedy = absl::StrCat("known are ${pool}, ${slot}, ${slot+N}",
                              references.generation ? ", ${generation}" : "",
                              "; write $$ for a dollar sign")});
}

std::optional<uint64_t> ParseOffset(absl::string_view digits) {
  uint64_t offset = 0;
  if (digits.empty() || digits.size() > kOffsetDigitsMax ||
      !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(digits, &offset)) {
    return std::nullopt;
  }
  return offset;
}

// What ${name} stands for.
std::optional<std::string> ValueOf(absl::string_view name,
                                   const References& references) {
  if (name == "pool") return std::string(references.pool);
  if (name == "slot") return absl::StrCat(references.slot);
  if (name == "generation" && references.generation) {
    return absl::StrCat(*references.generation);
  }
  if (absl::ConsumePrefix(&name, "slot+")) {
    std::optional<uint64_t> offset = ParseOffset(name);
    if (offset) return absl::StrCat(references.slot + *offset);
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::string> Substitute(absl::string_view text,
                                       const References& references) {
  std::string result;
  while (true) {
    size_t dollar = text.find('$');
    absl::StrAppend(&result, text.substr(0, dollar));
    if (dollar == absl::string_view::npos) return result;
    text.remove_prefix(dollar + 1);
    if (absl::ConsumePrefix(&text, "$")) {
      result += '$';
      continue;
    }
    size_t end = text.find('}');
    // Not shown: the value around it may be a secret.
    if (!absl::ConsumePrefix(&text, "{") || end == absl::string_view::npos) {
      return Refuse("a $ begins no reference", references);
    }
    absl::string_view name = text.substr(0, end - 1);
    std::optional<std::string> value = ValueOf(name, references);
    if (!value) {
      return Refuse(absl::StrCat("unknown reference ${",
                                 absl::CHexEscape(name.substr(0, 40)), "}"),
                    references);
    }
    result += *value;
    text.remove_prefix(end);
  }
}

}  // namespace drover::config
