// The mutants: supervisors with exactly one fault, each for a case that sees
// it.
#ifndef CONFORMANCE_SUPERVISOR_TESTEE_FAULTS_H_
#define CONFORMANCE_SUPERVISOR_TESTEE_FAULTS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "conformance/testee/faults.h"

namespace drover::conformance {

// In the order of the cases.
absl::Span<const Fault> SupervisorFaults();

bool IsSupervisorFault(absl::string_view name);

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_TESTEE_FAULTS_H_
