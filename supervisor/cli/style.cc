#include "supervisor/cli/style.h"

#include "absl/strings/str_cat.h"

namespace drover::cli {
namespace {

// Only the eight colours every terminal has and its owner has chosen.
absl::string_view Code(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "32";
    case Tone::kBusy:
      return "33";
    case Tone::kBad:
      return "31";
    case Tone::kFaint:
      return "2";
    case Tone::kHead:
      return "1";
    case Tone::kPlain:
      break;
  }
  return "";
}

}  // namespace

std::string Style::Paint(Tone tone, absl::string_view text) const {
  absl::string_view code = Code(tone);
  if (!color || code.empty() || text.empty()) return std::string(text);
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

}  // namespace drover::cli
