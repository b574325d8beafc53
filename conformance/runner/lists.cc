#include "conformance/runner/lists.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "conformance/runner/selection.h"

namespace drover::conformance {
namespace {

bool MatchesAny(const std::vector<std::string>& patterns,
                absl::string_view id) {
  return std::any_of(
      patterns.begin(), patterns.end(),
      [id](const std::string& pattern) { return Matches(pattern, id); });
}

absl::Status At(absl::string_view name, int line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(name, ":", line, ": ", what));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseList(
    absl::string_view text, absl::string_view name,
    const std::vector<const Case*>& all) {
  std::vector<std::string> list;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    std::string pattern(
        absl::StripAsciiWhitespace(line.substr(0, line.find('#'))));
    if (pattern.empty()) continue;
    if (std::find(list.begin(), list.end(), pattern) != list.end()) {
      return At(name, number, absl::StrCat(pattern, " is named twice"));
    }
    if (std::none_of(all.begin(), all.end(), [&](const Case* each) {
          return Matches(pattern, each->id);
        })) {
      return At(name, number,
                absl::StrCat("no case has the id \"", pattern,
                             "\"; --list shows all"));
    }
    list.push_back(std::move(pattern));
  }
  return list;
}

void MarkExpectations(const std::vector<std::string>& failing,
                      const std::vector<std::string>& flaky, record::Run& run) {
  for (record::Case& each : *run.mutable_cases()) {
    bool applies = each.verdict() != record::VERDICT_NOT_APPLICABLE;
    if (MatchesAny(flaky, each.id())) {
      each.set_expectation(record::EXPECTATION_KNOWN_FLAKY);
    } else if (MatchesAny(failing, each.id()) && applies) {
      each.set_expectation(record::EXPECTATION_KNOWN_FAILING);
    }
  }
}

std::vector<std::string> IdleEntries(const std::vector<std::string>& list,
                                     const record::Run& run) {
  std::vector<std::string> idle;
  for (const std::string& pattern : list) {
    bool named = false;
    bool applied = false;
    for (const record::Case& each : run.cases()) {
      if (!Matches(pattern, each.id())) continue;
      named = true;
      applied |= each.verdict() != record::VERDICT_NOT_APPLICABLE;
    }
    if (named && !applied) idle.push_back(pattern);
  }
  return idle;
}

}  // namespace drover::conformance
