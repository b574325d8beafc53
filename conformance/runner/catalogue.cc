#include "conformance/runner/catalogue.h"

#include "conformance/supervisor/cases.h"
#include "conformance/worker/cases.h"

namespace drover::conformance {

std::vector<const Case*> Catalogue(absl::string_view mode) {
  return mode == "worker" ? WorkerCases() : SupervisorCases();
}

}  // namespace drover::conformance
