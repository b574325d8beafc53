#include "conformance/worker/cases.h"

namespace drover::conformance {

std::vector<const Case*> WorkerCases() {
  std::vector<const Case*> all;
  for (absl::Span<const Case> chapter :
       {EnvironmentCases(), DescriptorCases(), HandshakeCases(), FramingCases(),
        EvolutionCases(), HeartbeatCases(), StartCases(), StopCases(),
        QuitCases(), ReportCases(), ExitCases()}) {
    for (const Case& each : chapter) all.push_back(&each);
  }
  return all;
}

}  // namespace drover::conformance
