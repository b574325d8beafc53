// All cases of a mode.
#ifndef CONFORMANCE_RUNNER_CATALOGUE_H_
#define CONFORMANCE_RUNNER_CATALOGUE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "conformance/trial/case.h"

namespace drover::conformance {

// "worker" or "supervisor".
std::vector<const Case*> Catalogue(absl::string_view mode);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RUNNER_CATALOGUE_H_
