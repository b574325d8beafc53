// The clauses of SPEC.md: id, level, whom it binds, and its sentence.
#ifndef CONFORMANCE_SPEC_CLAUSES_H_
#define CONFORMANCE_SPEC_CLAUSES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace drover::conformance {

enum class Level { kMust, kShould, kMay };
enum class Side { kWorker, kSupervisor, kBoth };

struct Clause {
  const char* id;
  Level level;
  Side side;
  const char* text;

  // "FRAME" of DRV-FRAME-2.
  absl::string_view chapter() const;
};

// In the order of SPEC.md.
absl::Span<const Clause> Clauses();

// nullptr where SPEC.md has no such clause.
const Clause* FindClause(absl::string_view id);

// "MUST", "SHOULD", "MAY".
absl::string_view LevelName(Level level);

}  // namespace drover::conformance

#endif  // CONFORMANCE_SPEC_CLAUSES_H_
