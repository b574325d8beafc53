#include "supervisor/config/problem.h"

#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::config {
namespace {

constexpr absl::string_view kPayload = "drover.config/problem";
constexpr size_t kQuoteMax = 60;

// Parts of a problem are text for people and hold no NUL.
constexpr char kSeparator = '\0';

}  // namespace

absl::Status ToStatus(const Problem& problem) {
  return ToStatus(problem, "", {});
}

absl::Status ToStatus(const Problem& problem, absl::string_view source,
                      Position at) {
  std::string text;
  if (!source.empty()) absl::StrAppend(&text, source, ":");
  if (at.line > 0) absl::StrAppend(&text, at.line, ":", at.column, ":");
  if (!text.empty()) text += ' ';
  if (!problem.field.empty()) absl::StrAppend(&text, problem.field, ": ");
  absl::StrAppend(&text, problem.found);
  if (!problem.remedy.empty()) absl::StrAppend(&text, "; ", problem.remedy);

  absl::Status status = absl::InvalidArgumentError(text);
  status.SetPayload(
      kPayload, absl::Cord(absl::StrCat(
                    problem.field, std::string(1, kSeparator), problem.found,
                    std::string(1, kSeparator), problem.remedy)));
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
