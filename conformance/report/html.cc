#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "conformance/record/judge.h"
#include "conformance/report/escape.h"
#include "conformance/report/report.h"

namespace drover::conformance {
namespace {

constexpr char kStyle[] = R"(
  body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto;
         padding: 0 1em; color: #222; background: #fff; }
  table { border-collapse: collapse; width: 100%; }
  td, th { text-align: left; padding: .3em .6em; vertical-align: top;
           border-bottom: 1px solid #ddd; }
  pre { background: #f4f4f4; padding: .6em; overflow-x: auto; }
  .pass { color: #176317; } .fail, .broken { color: #a01010; }
  .warn { color: #8a5a00; } .na { color: #666; }
  summary { cursor: pointer; }
)";

absl::string_view ClassOf(record::Verdict verdict) {
  return verdict == record::VERDICT_NOT_APPLICABLE ? "na"
                                                   : VerdictName(verdict);
}

std::string Row(const record::Case& the_case) {
  std::string details;
  if (the_case.verdict() == record::VERDICT_NOT_APPLICABLE) {
    details = absl::StrCat("<br>", EscapeMarkup(the_case.reason()));
  } else if (the_case.verdict() != record::VERDICT_PASS) {
    details = absl::StrCat("<details><summary>what was seen</summary><pre>",
                           EscapeMarkup(CaseDetails(the_case, {})),
                           "</pre></details>");
  }
  return absl::StrCat(
      "<tr id=\"", EscapeMarkup(the_case.id()), "\"><td>",
      EscapeMarkup(the_case.id()), "</td><td class=\"",
      ClassOf(the_case.verdict()), "\">", VerdictName(the_case.verdict()),
      "</td><td>", EscapeMarkup(the_case.title()), details, "</td><td>",
      EscapeMarkup(absl::StrJoin(the_case.clauses(), " ")), "</td></tr>\n");
}

}  // namespace

std::string Html(const record::Run& run, bool strict) {
  Counts counts = Count(run);
  bool passed = ExitCode(run, strict) == 0;
  std::string name =
      run.subject().name().empty() ? run.mode() : run.subject().name();
  std::string text = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<title>Drover conformance: ",
      EscapeMarkup(name), "</title>\n<style>", kStyle, "</style>\n<h1>",
      EscapeMarkup(absl::StrCat(name, " ", run.subject().version())),
      "</h1>\n");
  absl::StrAppend(
      &text, "<p><strong class=\"", passed ? "pass\">Passes" : "fail\">Fails",
      "</strong> as a ", EscapeMarkup(run.mode()),
      " of the Drover worker lifecycle protocol, version 1: ", counts.passed,
      " passed, ", counts.failed, " failed, ", counts.warned, " warned, ",
      counts.not_applicable, " not applicable, ", counts.broken,
      " broken.</p>\n<p>", EscapeMarkup(run.suite()), ", ",
      EscapeMarkup(run.started_at()), ", <code>",
      EscapeMarkup(absl::StrJoin(run.command(), " ")), "</code>",
      run.subject().sdk().empty() ? "" : ", ",
      EscapeMarkup(run.subject().sdk()), "</p>\n");
  for (const std::string& complaint : run.complaints()) {
    absl::StrAppend(&text, "<p class=\"fail\">", EscapeMarkup(complaint),
                    "</p>\n");
  }
  absl::StrAppend(&text,
                  "<table>\n<tr><th>case<th>verdict<th>what<th>clauses</tr>\n");
  for (const record::Case& each : run.cases()) text += Row(each);
  absl::StrAppend(&text, "</table>\n</html>\n");
  return text;
}

}  // namespace drover::conformance
