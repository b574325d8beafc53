#include "conformance/runner/catalogue.h"

#include "conformance/worker/cases.h"

namespace drover::conformance {

std::vector<const Case*> Catalogue(absl::string_view mode) {
  return mode == "worker" ? WorkerCases() : std::vector<const Case*>();
}

}  // namespace drover::conformance
