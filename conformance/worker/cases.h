// The cases in which the suite plays the supervisor.
#ifndef CONFORMANCE_WORKER_CASES_H_
#define CONFORMANCE_WORKER_CASES_H_

#include <vector>

#include "absl/types/span.h"
#include "conformance/trial/case.h"

namespace drover::conformance {

absl::Span<const Case> EnvironmentCases();
absl::Span<const Case> DescriptorCases();
absl::Span<const Case> HandshakeCases();
absl::Span<const Case> FramingCases();
absl::Span<const Case> EvolutionCases();
absl::Span<const Case> HeartbeatCases();
absl::Span<const Case> StartCases();
absl::Span<const Case> StopCases();
absl::Span<const Case> QuitCases();
absl::Span<const Case> ReportCases();
absl::Span<const Case> ExitCases();

// All of them.
std::vector<const Case*> WorkerCases();

}  // namespace drover::conformance

#endif  // CONFORMANCE_WORKER_CASES_H_
