// Runs trials side by side, each in a process of its own.
#ifndef CONFORMANCE_TRIAL_RUN_H_
#define CONFORMANCE_TRIAL_RUN_H_

#include <functional>
#include <vector>

#include "conformance/trial/trial.h"
#include "drover/conformance/record.pb.h"

namespace drover::conformance {

using TrialBody = std::function<void(Trial&)>;

struct TrialRequest {
  const Plan* plan;
  TrialBody body;
};

// Runs all, at most `parallel` at a time. A trial that crashes or does not end
// in time is broken. `done` is called with the index of each as it ends; the
// verdict, findings, reason, duration, log and output are set. What trials
// leave behind is killed.
void RunTrials(const std::vector<TrialRequest>& requests, int parallel,
               const std::function<void(size_t, record::Case)>& done);

}  // namespace drover::conformance

#endif  // CONFORMANCE_TRIAL_RUN_H_
