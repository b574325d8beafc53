// The supervisor's own shell and core at work, timed.
#ifndef SUPERVISOR_BENCH_SUPERVISED_H_
#define SUPERVISOR_BENCH_SUPERVISED_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace drover::bench {

// From the command to the end of the operation: every worker is STARTED.
absl::Duration StartSupervised(const std::string& program, int count);

// `rounds` times: from SIGKILL of a worker to STARTED of its replacement, with
// no backoff.
std::vector<absl::Duration> Replace(const std::string& program, int rounds);

}  // namespace drover::bench

#endif  // SUPERVISOR_BENCH_SUPERVISED_H_
