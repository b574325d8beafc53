#include "conformance/runner/explain.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "conformance/runner/selection.h"
#include "conformance/spec/clauses.h"

namespace drover::conformance {
namespace {

std::string NeedsOf(const Case& the_case) {
  std::string text;
  if ((the_case.needs & kListener) != 0) text += " --listener";
  if ((the_case.needs & kTestee) != 0) text += " --testee";
  if ((the_case.needs & kControl) != 0) text += " --control";
  return text;
}

}  // namespace

std::string ListText(const std::vector<const Case*>& cases, bool clauses) {
  std::string text;
  for (const Case* each : cases) {
    if (clauses) {
      absl::StrAppend(&text, each->id, " ", each->clauses, "\n");
      continue;
    }
    absl::StrAppendFormat(&text, "%-8s %-6s %-44s%s\n", each->id,
                          IsMust(*each) ? "MUST" : "SHOULD", each->title,
                          NeedsOf(*each));
  }
  return text;
}

std::string ExplainText(const Case& the_case) {
  std::string text = absl::StrCat(the_case.id, ": ", the_case.title, "\n\n",
                                  the_case.about, "\n\n");
  std::string needs = NeedsOf(the_case);
  if (!needs.empty()) absl::StrAppend(&text, "Needs:", needs, "\n\n");
  for (const std::string& id : ClausesOf(the_case)) {
    const Clause* clause = FindClause(id);
    if (clause == nullptr) continue;
    absl::StrAppend(&text, id, " [", LevelName(clause->level), "] ",
                    clause->text, "\n");
  }
  return text;
}

}  // namespace drover::conformance
