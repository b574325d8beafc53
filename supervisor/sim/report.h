// A failure, for those who have to find out why.
#ifndef SUPERVISOR_SIM_REPORT_H_
#define SUPERVISOR_SIM_REPORT_H_

#include <string>

#include "supervisor/sim/simulation.h"

namespace drover::sim {

// Runs it again with a log: the end of it, the checker, and the line that
// reproduces it.
std::string Report(RunOptions options, const Violation& violation);

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_REPORT_H_
