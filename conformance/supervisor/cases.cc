#include "conformance/supervisor/cases.h"

namespace drover::conformance {

std::vector<const Case*> SupervisorCases() {
  std::vector<const Case*> all;
  for (absl::Span<const Case> chapter :
       {ChannelCases(), HeartbeatSupervisorCases(), CommandCases(),
        OrderCases(), EndCases(), ProcessCases()}) {
    for (const Case& each : chapter) all.push_back(&each);
  }
  return all;
}

}  // namespace drover::conformance
