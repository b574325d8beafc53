#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "conformance/record/judge.h"
#include "conformance/report/escape.h"
#include "conformance/report/report.h"

namespace drover::conformance {
namespace {

std::string Seconds(uint32_t ms) {
  return absl::StrFormat("%.3f", ms / 1000.0);
}

std::string Element(absl::string_view name, absl::string_view message,
                    absl::string_view text) {
  return absl::StrCat("    <", name, " message=\"", EscapeMarkup(message),
                      "\">", EscapeMarkup(text), "</", name, ">\n");
}

std::string MessageOf(const record::Case& the_case) {
  if (the_case.findings().empty()) return the_case.reason();
  const record::Finding& last = the_case.findings(the_case.findings_size() - 1);
  return absl::StrCat(last.clause(), ": expected ", last.expected(), ", seen ",
                      last.seen());
}

std::string Content(const record::Case& the_case, bool strict) {
  std::string details = CaseDetails(the_case, {});
  if (the_case.verdict() == record::VERDICT_NOT_APPLICABLE) {
    return Element("skipped", the_case.reason(), "");
  }
  if (the_case.verdict() == record::VERDICT_BROKEN) {
    return Element("error", the_case.reason(), details);
  }
  if (!CountsAgainst(the_case, strict)) return "";
  if (the_case.verdict() == record::VERDICT_PASS) {
    return Element("failure", "passed, and is listed as failing", details);
  }
  return Element("failure", MessageOf(the_case), details);
}

}  // namespace

std::string Junit(const record::Run& run, bool strict) {
  int failures = 0;
  for (const record::Case& each : run.cases()) {
    failures += CountsAgainst(each, strict);
  }
  Counts counts = Count(run);
  std::string text =
      absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                   "<testsuites>\n<testsuite name=\"drover-conformance.",
                   EscapeMarkup(run.mode()), "\" tests=\"", run.cases_size(),
                   "\" failures=\"", failures, "\" errors=\"", counts.broken,
                   "\" skipped=\"", counts.not_applicable, "\" timestamp=\"",
                   EscapeMarkup(run.started_at()), "\" time=\"",
                   Seconds(run.duration_ms()), "\">\n");
  for (const record::Case& each : run.cases()) {
    absl::StrAppend(&text, "  <testcase classname=\"drover.",
                    EscapeMarkup(run.mode()), "\" name=\"",
                    EscapeMarkup(absl::StrCat(each.id(), " ", each.title())),
                    "\" time=\"", Seconds(each.duration_ms()), "\">\n",
                    Content(each, strict), "  </testcase>\n");
  }
  absl::StrAppend(&text, "</testsuite>\n</testsuites>\n");
  return text;
}

}  // namespace drover::conformance
