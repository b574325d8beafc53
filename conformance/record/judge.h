// What a run comes to: counts, and whether it passed.
#ifndef CONFORMANCE_RECORD_JUDGE_H_
#define CONFORMANCE_RECORD_JUDGE_H_

#include "absl/strings/string_view.h"
#include "drover/conformance/record.pb.h"

namespace drover::conformance {

struct Counts {
  int passed = 0;
  int failed = 0;
  int warned = 0;
  int not_applicable = 0;
  int broken = 0;
  // Of the failed ones: on the list of known failures.
  int known = 0;
  // On that list, and passed.
  int unexpected_passes = 0;
};

Counts Count(const record::Run& run);

// 0 passed; 1 the subject failed, or a list is out of date, or nothing was run;
// 3 the suite itself broke and the subject did not fail. (2 is bad input.)
int ExitCode(const record::Run& run, bool strict);

// The case counts against the subject: it failed and was not expected to, or
// passed and was expected to fail.
bool CountsAgainst(const record::Case& the_case, bool strict);

// "pass", "fail", "warn", "n.a.", "broken".
absl::string_view VerdictName(record::Verdict verdict);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RECORD_JUDGE_H_
