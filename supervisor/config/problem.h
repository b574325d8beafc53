// What is wrong with a configuration: one shape for every finding, so that all
// messages read alike and the admin API can tell field from remedy.
#ifndef SUPERVISOR_CONFIG_PROBLEM_H_
#define SUPERVISOR_CONFIG_PROBLEM_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// In a text, both from 1. Line 0 = unknown.
struct Position {
  int line = 0;
  int column = 0;
};

struct Problem {
  // Path in the schema, as "pools[1].listeners[0].address". Empty if the text
  // as a whole is at fault.
  std::string field;
  // "0 is below 1"
  std::string found;
  // What is allowed, or what to do: "give 1..4096".
  std::string remedy;
};

// InvalidArgument "field: found; remedy", in printable ASCII: other bytes are
// escaped.
absl::Status ToStatus(const Problem& problem);

// InvalidArgument "source:line:column: field: found; remedy"; without line and
// column where `at` is unknown.
absl::Status ToStatus(const Problem& problem, absl::string_view source,
                      Position at);

// The problem that a status was made of; nullopt for a status made otherwise.
std::optional<Problem> ProblemOf(const absl::Status& status);

// Foreign text for a message: in quotes, control characters and bytes beyond
// ASCII escaped, at most 60 bytes of it.
std::string Quote(absl::string_view text);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_PROBLEM_H_
