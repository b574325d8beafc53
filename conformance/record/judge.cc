#include "conformance/record/judge.h"

namespace drover::conformance {

absl::string_view VerdictName(record::Verdict verdict) {
  switch (verdict) {
    case record::VERDICT_PASS:
      return "pass";
    case record::VERDICT_FAIL:
      return "fail";
    case record::VERDICT_WARN:
      return "warn";
    case record::VERDICT_NOT_APPLICABLE:
      return "n.a.";
    default:
      return "broken";
  }
}

bool CountsAgainst(const record::Case& the_case, bool strict) {
  bool failed = the_case.verdict() == record::VERDICT_FAIL ||
                (strict && the_case.verdict() == record::VERDICT_WARN);
  switch (the_case.expectation()) {
    case record::EXPECTATION_KNOWN_FAILING:
      return !failed && the_case.verdict() != record::VERDICT_BROKEN;
    case record::EXPECTATION_KNOWN_FLAKY:
      return false;
    default:
      return failed;
  }
}

Counts Count(const record::Run& run) {
  Counts counts;
  for (const record::Case& each : run.cases()) {
    bool listed = each.expectation() == record::EXPECTATION_KNOWN_FAILING;
    switch (each.verdict()) {
      case record::VERDICT_PASS:
        ++counts.passed;
        if (listed) ++counts.unexpected_passes;
        break;
      case record::VERDICT_FAIL:
        ++counts.failed;
        if (listed) ++counts.known;
        break;
      case record::VERDICT_WARN:
        ++counts.warned;
        break;
      case record::VERDICT_NOT_APPLICABLE:
        ++counts.not_applicable;
        break;
      default:
        ++counts.broken;
    }
  }
  return counts;
}

int ExitCode(const record::Run& run, bool strict) {
  Counts counts = Count(run);
  // Nothing was shown where nothing ran.
  if (counts.passed + counts.failed + counts.warned + counts.broken == 0) {
    return 1;
  }
  if (!run.complaints().empty()) return 1;
  for (const record::Case& each : run.cases()) {
    if (CountsAgainst(each, strict)) return 1;
  }
  return counts.broken > 0 ? 3 : 0;
}

}  // namespace drover::conformance
