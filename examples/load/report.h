// The load's figures as JSON.
#ifndef EXAMPLES_LOAD_REPORT_H_
#define EXAMPLES_LOAD_REPORT_H_

#include <string>
#include <vector>

#include "examples/load/tally.h"

namespace load {

std::string ToJson(const Step& step);

// One line: {"steps": [...], "failures": [...], "excused": N, ...}. At most 50
// failures are spelled out.
std::string ToJson(const std::vector<Step>& steps,
                   const std::vector<Failure>& failures,
                   const std::vector<Failure>& excused);

}  // namespace load

#endif  // EXAMPLES_LOAD_REPORT_H_
