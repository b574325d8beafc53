#include "absl/strings/str_cat.h"
#include "conformance/record/judge.h"
#include "conformance/report/escape.h"
#include "conformance/report/report.h"

namespace drover::conformance {
namespace {

std::string Directive(const record::Case& the_case) {
  if (the_case.verdict() == record::VERDICT_NOT_APPLICABLE) {
    return absl::StrCat(" # SKIP ", the_case.reason());
  }
  if (the_case.expectation() != record::EXPECTATION_UNSPECIFIED) {
    return " # TODO listed";
  }
  return "";
}

}  // namespace

std::string Tap(const record::Run& run, bool strict) {
  std::string text =
      absl::StrCat("TAP version 13\n1..", run.cases_size(), "\n");
  int number = 0;
  for (const record::Case& each : run.cases()) {
    bool ok = !CountsAgainst(each, strict) &&
              each.verdict() != record::VERDICT_BROKEN;
    absl::StrAppend(&text, ok ? "ok " : "not ok ", ++number, " - ", each.id(),
                    " ", each.title(), Directive(each), "\n");
    for (const record::Finding& finding : each.findings()) {
      absl::StrAppend(
          &text,
          Indent(absl::StrCat(finding.clause(), ": expected ",
                              finding.expected(), ", seen ", finding.seen()),
                 "# "));
    }
  }
  return text;
}

}  // namespace drover::conformance
