// The mutants: workers with exactly one fault, each for a case that sees it.
#ifndef CONFORMANCE_TESTEE_FAULTS_H_
#define CONFORMANCE_TESTEE_FAULTS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace drover::conformance {

struct Fault {
  const char* name;
  // The case that has to see it.
  const char* case_id;
  const char* what;
};

// In the order of the cases.
absl::Span<const Fault> WorkerFaults();

bool IsWorkerFault(absl::string_view name);

}  // namespace drover::conformance

#endif  // CONFORMANCE_TESTEE_FAULTS_H_
