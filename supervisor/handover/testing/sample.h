// For tests: a state as a supervisor would write it in the middle of things.
#ifndef SUPERVISOR_HANDOVER_TESTING_SAMPLE_H_
#define SUPERVISOR_HANDOVER_TESTING_SAMPLE_H_

#include "drover/state/v1/handover.pb.h"
#include "supervisor/config/host.h"

namespace drover::handover {

// Two pools: one is in a reload whose canary is on trial, one has a worker that
// waits for its restart. A frame is half read, another half written.
state::v1::Handover SampleState();

// Where it would run.
config::Host SampleHost();

}  // namespace drover::handover

#endif  // SUPERVISOR_HANDOVER_TESTING_SAMPLE_H_
