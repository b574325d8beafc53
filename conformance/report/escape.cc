#include "conformance/report/escape.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::conformance {

std::string EscapeMarkup(absl::string_view text) {
  std::string escaped;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (byte < 0x20 && c != '\n' && c != '\t') {
      escaped += '?';
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Indent(absl::string_view text, absl::string_view indent) {
  std::string indented;
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&indented, indent, line, "\n");
  }
  return indented;
}

}  // namespace drover::conformance
