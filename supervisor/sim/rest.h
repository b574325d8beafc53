// Whether all has come to where it belongs.
#ifndef SUPERVISOR_SIM_REST_H_
#define SUPERVISOR_SIM_REST_H_

#include <string>

#include "supervisor/core/supervisor.h"
#include "supervisor/sim/ledger.h"

namespace drover::sim {

// Empty if nothing is under way: every pool is RUNNING with each slot STARTED
// (or left FAILED by its policy), STOPPED, or FAILED with a reason and without
// processes; no operation runs; a shutdown has finished. Otherwise what is not
// so.
std::string WhyNotAtRest(const core::Supervisor& core, const Ledger& ledger);

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_REST_H_
