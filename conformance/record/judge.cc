#include "conformance/record/judge.h"

namespace drover::conformance {

absl::string_view VerdictName(v1::Verdict verdict) {
  switch (verdict) {
    case v1::VERDICT_PASS:
      return "pass";
    case v1::VERDICT_FAIL:
      return "fail";
    case v1::VERDICT_WARN:
      return "warn";
    case v1::VERDICT_NOT_APPLICABLE:
      return "n.a.";
    default:
      return "broken";
  }
}

bool CountsAgainst(const v1::Case& the_case, bool strict) {
  bool failed = the_case.verdict() == v1::VERDICT_FAIL ||
                (strict && the_case.verdict() == v1::VERDICT_WARN);
  switch (the_case.expectation()) {
    case v1::EXPECTATION_KNOWN_FAILING:
      return !failed && the_case.verdict() != v1::VERDICT_BROKEN;
    case v1::EXPECTATION_KNOWN_FLAKY:
      return false;
    default:
      return failed;
  }
}

Counts Count(const v1::Run& run) {
  Counts counts;
  for (const v1::Case& each : run.cases()) {
    bool listed = each.expectation() == v1::EXPECTATION_KNOWN_FAILING;
    switch (each.verdict()) {
      case v1::VERDICT_PASS:
        ++counts.passed;
        if (listed) ++counts.unexpected_passes;
        break;
      case v1::VERDICT_FAIL:
        ++counts.failed;
        if (listed) ++counts.known;
        break;
      case v1::VERDICT_WARN:
        ++counts.warned;
        break;
      case v1::VERDICT_NOT_APPLICABLE:
        ++counts.not_applicable;
        break;
      default:
        ++counts.broken;
    }
  }
  return counts;
}

int ExitCode(const v1::Run& run, bool strict) {
  Counts counts = Count(run);
  // Nothing was shown where nothing ran.
  if (counts.passed + counts.failed + counts.warned + counts.broken == 0) {
    return 1;
  }
  if (!run.complaints().empty()) return 1;
  for (const v1::Case& each : run.cases()) {
    if (CountsAgainst(each, strict)) return 1;
  }
  return counts.broken > 0 ? 3 : 0;
}

}  // namespace drover::conformance
