#include "supervisor/control/safe_text.h"

#include "absl/strings/str_cat.h"
#include "supervisor/output/sanitize.h"

namespace drover::control {
namespace {

// The longest beginning within `max` bytes that ends with a whole character.
absl::string_view Beginning(absl::string_view text, size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && (text[max] & 0xc0) == 0x80) --max;
  return text.substr(0, max);
}

}  // namespace

std::string SafeText(absl::string_view raw, size_t max) {
  std::string safe = output::Sanitize(Beginning(raw, max));
  if (raw.size() <= max && safe.size() <= max) return safe;
  return absl::StrCat(Beginning(safe, max), "...");
}

}  // namespace drover::control
