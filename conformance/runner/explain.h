// What --list and --explain show.
#ifndef CONFORMANCE_RUNNER_EXPLAIN_H_
#define CONFORMANCE_RUNNER_EXPLAIN_H_

#include <string>
#include <vector>

#include "conformance/trial/case.h"

namespace drover::conformance {

// One line each; with `clauses`, the id and the clauses alone.
std::string ListText(const std::vector<const Case*>& cases, bool clauses);

// What it does, what it needs, and the sentences it stands on.
std::string ExplainText(const Case& the_case);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RUNNER_EXPLAIN_H_
