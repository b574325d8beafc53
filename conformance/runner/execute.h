// Runs the selected cases.
#ifndef CONFORMANCE_RUNNER_EXECUTE_H_
#define CONFORMANCE_RUNNER_EXECUTE_H_

#include <functional>
#include <vector>

#include "conformance/runner/options.h"
#include "conformance/trial/case.h"
#include "drover/conformance/record.pb.h"

namespace drover::conformance {

// `done` is called for each case as it ends. The record has the cases in the
// order of `cases`; a case that is run several times is the worst of them.
record::Run Execute(const Options& options,
                    const std::vector<const Case*>& cases,
                    const std::function<void(const record::Case&)>& done);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RUNNER_EXECUTE_H_
