// Which cases are run. Pure.
#ifndef CONFORMANCE_RUNNER_SELECTION_H_
#define CONFORMANCE_RUNNER_SELECTION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "conformance/trial/case.h"

namespace drover::conformance {

struct Filter {
  // Patterns of ids, "*" for any characters. None: all cases.
  std::vector<std::string> cases;
  std::vector<std::string> skip;
  // "FRAME": the middle of a clause's id, or "FR": that of a case's.
  std::vector<std::string> chapters;
  // "MUST" or "SHOULD": cases that stand on a clause of that level.
  std::string level;
  std::vector<std::string> clauses;
};

// InvalidArgument: a pattern, chapter, level or clause that is in no case; a
// selection without any case.
absl::StatusOr<std::vector<const Case*>> Select(
    const std::vector<const Case*>& all, const Filter& filter);

// "*" matches any characters, everything else itself.
bool Matches(absl::string_view pattern, absl::string_view text);

// The ids of the clauses of a case.
std::vector<std::string> ClausesOf(const Case& the_case);

// MUST where one of its clauses is one.
bool IsMust(const Case& the_case);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RUNNER_SELECTION_H_
