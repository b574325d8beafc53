#include "conformance/spec/clauses.h"

#include <algorithm>

namespace drover::conformance {
namespace {

constexpr Clause kClauses[] = {
#include "conformance/spec/clause_table.inc"
};

}  // namespace

absl::string_view Clause::chapter() const {
  absl::string_view rest = absl::string_view(id).substr(4);
  return rest.substr(0, rest.find('-'));
}

absl::Span<const Clause> Clauses() { return kClauses; }

const Clause* FindClause(absl::string_view id) {
  const Clause* found =
      std::find_if(std::begin(kClauses), std::end(kClauses),
                   [id](const Clause& clause) { return clause.id == id; });
  return found == std::end(kClauses) ? nullptr : found;
}

absl::string_view LevelName(Level level) {
  switch (level) {
    case Level::kMust:
      return "MUST";
    case Level::kShould:
      return "SHOULD";
    case Level::kMay:
      return "MAY";
  }
  return "MAY";
}

}  // namespace drover::conformance
