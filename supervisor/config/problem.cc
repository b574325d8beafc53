#include "supervisor/config/problem.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::config {
namespace {

constexpr absl::string_view kPayload = "drover.config/problem";
constexpr size_t kQuoteMax = 60;

// Printable parts hold no NUL.
constexpr char kSeparator = '\0';

// Whatever a library put in its words: a message is for terminals and for gRPC,
// which wants UTF-8.
std::string Printable(absl::string_view text) {
  std::string printable;
  for (char c : text) {
    if (absl::ascii_isprint(static_cast<unsigned char>(c))) {
      printable += c;
    } else {
      absl::StrAppend(
          &printable, "\\x",
          absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return printable;
}

}  // namespace

absl::Status ToStatus(const Problem& problem) {
  return ToStatus(problem, "", {});
}

absl::Status ToStatus(const Problem& problem, absl::string_view source,
                      Position at) {
  const std::string field = Printable(problem.field);
  const std::string found = Printable(problem.found);
  const std::string remedy = Printable(problem.remedy);
  std::string text;
  if (!source.empty()) absl::StrAppend(&text, source, ":");
  if (at.line > 0) absl::StrAppend(&text, at.line, ":", at.column, ":");
  if (!text.empty()) text += ' ';
  if (!field.empty()) absl::StrAppend(&text, field, ": ");
  absl::StrAppend(&text, found);
  if (!remedy.empty()) absl::StrAppend(&text, "; ", remedy);

  absl::Status status = absl::InvalidArgumentError(text);
  const std::string separator(1, kSeparator);
  status.SetPayload(kPayload, absl::Cord(absl::StrCat(field, separator, found,
                                                      separator, remedy)));
  return status;
}

std::optional<Problem> ProblemOf(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  std::vector<std::string> parts =
      absl::StrSplit(std::string(*payload), kSeparator);
  if (parts.size() != 3) return std::nullopt;
  return Problem{parts[0], parts[1], parts[2]};
}

std::string Quote(absl::string_view text) {
  bool cut = text.size() > kQuoteMax;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kQuoteMax)),
                      cut ? "..." : "", "\"");
}

}  // namespace drover::config
