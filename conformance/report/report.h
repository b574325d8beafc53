// A record of a run, rendered for people and machines. All are pure.
#ifndef CONFORMANCE_REPORT_REPORT_H_
#define CONFORMANCE_REPORT_REPORT_H_

#include <string>

#include "drover/conformance/record.pb.h"

namespace drover::conformance {

struct TerminalStyle {
  bool color = false;
  // The log of cases that passed as well, where the record has it.
  bool verbose = false;
  bool strict = false;
};

// One line: id, verdict, title.
std::string CaseLine(const record::Case& the_case, const TerminalStyle& style);
// All that is known about a case that did not pass.
std::string CaseDetails(const record::Case& the_case,
                        const TerminalStyle& style);
// The details of all that did not pass, then the counts.
std::string Summary(const record::Run& run, const TerminalStyle& style);

// Test Anything Protocol, version 13.
std::string Tap(const record::Run& run, bool strict);
// JUnit's XML, as CI systems read it.
std::string Junit(const record::Run& run, bool strict);
// One page without scripts or references.
std::string Html(const record::Run& run, bool strict);

}  // namespace drover::conformance

#endif  // CONFORMANCE_REPORT_REPORT_H_
