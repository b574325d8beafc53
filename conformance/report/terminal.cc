#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "conformance/record/judge.h"
#include "conformance/report/escape.h"
#include "conformance/report/report.h"

namespace drover::conformance {
namespace {

// How many cases that failed alike are shown in full.
constexpr size_t kAlikeShown = 2;
constexpr char kRed[] = "\x1b[31m";
constexpr char kGreen[] = "\x1b[32m";
constexpr char kYellow[] = "\x1b[33m";
constexpr char kDim[] = "\x1b[2m";

std::string Painted(absl::string_view text, absl::string_view color,
                    const TerminalStyle& style) {
  if (!style.color) return std::string(text);
  return absl::StrCat(color, text, "\x1b[0m");
}

absl::string_view ColorOf(record::Verdict verdict) {
  switch (verdict) {
    case record::VERDICT_PASS:
      return kGreen;
    case record::VERDICT_WARN:
      return kYellow;
    case record::VERDICT_NOT_APPLICABLE:
      return kDim;
    default:
      return kRed;
  }
}

absl::string_view Remark(const record::Case& the_case) {
  switch (the_case.expectation()) {
    case record::EXPECTATION_KNOWN_FAILING:
      return the_case.verdict() == record::VERDICT_PASS
                 ? "  (known as failing, and passed)"
                 : "  (known)";
    case record::EXPECTATION_KNOWN_FLAKY:
      return "  (known as flaky)";
    default:
      return "";
  }
}

std::string LogOf(const record::Case& the_case) {
  std::string text;
  if (the_case.log_dropped() > 0) {
    absl::StrAppend(&text, "  (", the_case.log_dropped(),
                    " entries before these)\n");
  }
  for (const record::Entry& entry : the_case.log()) {
    absl::StrAppendFormat(&text, "  %9.3f %s %s\n", entry.at_us() / 1000.0,
                          entry.direction(), entry.text());
  }
  return text;
}

bool NeedsDetails(const record::Case& the_case) {
  return the_case.verdict() != record::VERDICT_PASS &&
         the_case.verdict() != record::VERDICT_NOT_APPLICABLE;
}

// What a case shares with others that failed in the same way.
std::string Likeness(const record::Case& the_case) {
  std::string likeness = the_case.reason();
  for (const record::Finding& finding : the_case.findings()) {
    absl::StrAppend(&likeness, finding.clause(), "|", finding.expected(), "|",
                    finding.seen(), "\n");
  }
  return likeness;
}

// The details of all that did not pass; of many alike, the first few.
std::string AllDetails(const record::Run& run, const TerminalStyle& style) {
  std::string text;
  std::map<std::string, std::vector<std::string>> alike;
  for (const record::Case& each : run.cases()) {
    if (!NeedsDetails(each) && !style.verbose) continue;
    std::vector<std::string>& ids = alike[Likeness(each)];
    ids.push_back(each.id());
    if (ids.size() <= kAlikeShown || style.verbose) {
      absl::StrAppend(&text, "\n", CaseDetails(each, style));
    }
  }
  for (auto& [likeness, ids] : alike) {
    if (ids.size() <= kAlikeShown || style.verbose) continue;
    std::string first = ids.front();
    ids.erase(ids.begin(), ids.begin() + kAlikeShown);
    absl::StrAppend(&text, "\n", ids.size(), " more like ", first, ": ",
                    absl::StrJoin(ids, " "), "\n");
  }
  return text;
}

std::string CountLine(const Counts& counts) {
  std::string text =
      absl::StrCat(counts.passed, " passed, ", counts.failed, " failed");
  if (counts.known > 0) absl::StrAppend(&text, " (", counts.known, " known)");
  absl::StrAppend(&text, ", ", counts.warned, " warned, ",
                  counts.not_applicable, " n.a., ", counts.broken, " broken");
  return text;
}

// Who did not apply, by reason.
std::string NotApplicable(const record::Run& run) {
  std::string text;
  std::vector<std::pair<std::string, std::vector<std::string>>> reasons;
  for (const record::Case& each : run.cases()) {
    if (each.verdict() != record::VERDICT_NOT_APPLICABLE) continue;
    auto found = reasons.begin();
    while (found != reasons.end() && found->first != each.reason()) ++found;
    if (found == reasons.end()) {
      found = reasons.insert(found, {each.reason(), {}});
    }
    found->second.push_back(each.id());
  }
  for (const auto& [reason, ids] : reasons) {
    absl::StrAppend(&text, "n.a. (", ids.size(), "): ", reason, ": ",
                    absl::StrJoin(ids, " "), "\n");
  }
  return text;
}

}  // namespace

std::string CaseLine(const record::Case& the_case, const TerminalStyle& style) {
  std::string verdict =
      absl::StrFormat("%-6s", std::string(VerdictName(the_case.verdict())));
  return absl::StrCat(Painted(verdict, ColorOf(the_case.verdict()), style), " ",
                      the_case.id(), "  ", the_case.title(), Remark(the_case),
                      "\n");
}

std::string CaseDetails(const record::Case& the_case,
                        const TerminalStyle& style) {
  std::string text = CaseLine(the_case, style);
  for (const record::Finding& finding : the_case.findings()) {
    absl::StrAppend(&text, "  ", finding.clause(), " [", finding.level(), "] ",
                    finding.sentence(), "\n");
    absl::StrAppend(&text, "    expected: ", finding.expected(), "\n");
    absl::StrAppend(&text, "    seen:     ", finding.seen(), " (after ",
                    finding.after_ms(), " ms)\n");
  }
  if (!the_case.reason().empty()) {
    absl::StrAppend(&text, "  ", the_case.reason(), "\n");
  }
  if (the_case.log_size() > 0) {
    absl::StrAppend(&text, "  frames: > to the subject, < from it, in ms\n",
                    LogOf(the_case));
  }
  if (!the_case.output().empty()) {
    absl::StrAppend(&text, "  its output:\n",
                    Indent(the_case.output(), "    "));
  }
  if (!the_case.repeat().empty()) {
    absl::StrAppend(&text, "  again: ", the_case.repeat(), "\n");
  }
  return text;
}

std::string Summary(const record::Run& run, const TerminalStyle& style) {
  std::string text = AllDetails(run, style);
  absl::StrAppend(&text, "\n", NotApplicable(run));
  for (const std::string& complaint : run.complaints()) {
    absl::StrAppend(&text, Painted("list: ", kRed, style), complaint, "\n");
  }
  Counts counts = Count(run);
  if (counts.unexpected_passes > 0) {
    absl::StrAppend(&text, counts.unexpected_passes,
                    " passed that are listed as failing: take them off\n");
  }
  bool passed = ExitCode(run, style.strict) == 0;
  absl::StrAppend(
      &text, Painted(passed ? "PASS" : "FAIL", passed ? kGreen : kRed, style),
      ": ", CountLine(counts), ", in ",
      absl::StrFormat("%.1f s", run.duration_ms() / 1000.0), "\n");
  return text;
}

}  // namespace drover::conformance
