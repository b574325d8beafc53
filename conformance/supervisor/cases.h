// The cases in which the suite plays the workers.
#ifndef CONFORMANCE_SUPERVISOR_CASES_H_
#define CONFORMANCE_SUPERVISOR_CASES_H_

#include <vector>

#include "absl/types/span.h"
#include "conformance/trial/case.h"

namespace drover::conformance {

absl::Span<const Case> ChannelCases();
absl::Span<const Case> HeartbeatSupervisorCases();
absl::Span<const Case> CommandCases();
absl::Span<const Case> OrderCases();
absl::Span<const Case> EndCases();
absl::Span<const Case> ProcessCases();

// All of them.
std::vector<const Case*> SupervisorCases();

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_CASES_H_
