#include "conformance/runner/selection.h"

#include <algorithm>
#include <functional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "conformance/spec/clauses.h"

namespace drover::conformance {
namespace {

using Predicate = std::function<bool(const Case&, const std::string&)>;

bool HasId(const Case& the_case, const std::string& pattern) {
  return Matches(pattern, the_case.id);
}

bool HasClause(const Case& the_case, const std::string& clause) {
  std::vector<std::string> clauses = ClausesOf(the_case);
  return std::find(clauses.begin(), clauses.end(), clause) != clauses.end();
}

bool HasChapter(const Case& the_case, const std::string& name) {
  std::string chapter = absl::AsciiStrToUpper(name);
  std::vector<std::string> parts = absl::StrSplit(the_case.id, '-');
  if (parts.size() > 2 && parts[1] == chapter) return true;
  for (const std::string& id : ClausesOf(the_case)) {
    const Clause* clause = FindClause(id);
    if (clause != nullptr && clause->chapter() == chapter) return true;
  }
  return false;
}

bool HasLevel(const Case& the_case, const std::string& name) {
  std::string level = absl::AsciiStrToUpper(name);
  for (const std::string& id : ClausesOf(the_case)) {
    const Clause* clause = FindClause(id);
    if (clause != nullptr && LevelName(clause->level) == level) return true;
  }
  return false;
}

bool Any(const Case& the_case, const std::vector<std::string>& words,
         const Predicate& holds) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return holds(the_case, word);
  });
}

// A word that is in no case is a typing error.
absl::Status CheckWords(const std::vector<const Case*>& all,
                        const std::vector<std::string>& words,
                        absl::string_view what, const Predicate& holds) {
  for (const std::string& word : words) {
    if (std::none_of(all.begin(), all.end(),
                     [&](const Case* each) { return holds(*each, word); })) {
      return absl::InvalidArgumentError(absl::StrCat(
          "no case has the ", what, " \"", word, "\"; --list shows all"));
    }
  }
  return absl::OkStatus();
}

absl::Status Check(const std::vector<const Case*>& all, const Filter& filter) {
  absl::Status status = CheckWords(all, filter.cases, "id", HasId);
  status.Update(CheckWords(all, filter.skip, "id", HasId));
  status.Update(CheckWords(all, filter.chapters, "chapter", HasChapter));
  status.Update(CheckWords(all, filter.clauses, "clause", HasClause));
  if (!filter.level.empty()) {
    status.Update(CheckWords(all, {filter.level}, "level", HasLevel));
  }
  return status;
}

bool IsSelected(const Case& the_case, const Filter& filter) {
  return (filter.cases.empty() || Any(the_case, filter.cases, HasId)) &&
         !Any(the_case, filter.skip, HasId) &&
         (filter.chapters.empty() ||
          Any(the_case, filter.chapters, HasChapter)) &&
         (filter.clauses.empty() || Any(the_case, filter.clauses, HasClause)) &&
         (filter.level.empty() || HasLevel(the_case, filter.level));
}

}  // namespace

bool Matches(absl::string_view pattern, absl::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*') {
    return !text.empty() && pattern[0] == text[0] &&
           Matches(pattern.substr(1), text.substr(1));
  }
  for (size_t skipped = 0; skipped <= text.size(); ++skipped) {
    if (Matches(pattern.substr(1), text.substr(skipped))) return true;
  }
  return false;
}

std::vector<std::string> ClausesOf(const Case& the_case) {
  return absl::StrSplit(the_case.clauses, ' ', absl::SkipEmpty());
}

bool IsMust(const Case& the_case) { return HasLevel(the_case, "MUST"); }

absl::StatusOr<std::vector<const Case*>> Select(
    const std::vector<const Case*>& all, const Filter& filter) {
  if (absl::Status status = Check(all, filter); !status.ok()) return status;
  std::vector<const Case*> selected;
  for (const Case* each : all) {
    if (IsSelected(*each, filter)) selected.push_back(each);
  }
  if (selected.empty()) {
    return absl::InvalidArgumentError(
        "the filters leave no case; --list shows what they can name");
  }
  return selected;
}

}  // namespace drover::conformance
