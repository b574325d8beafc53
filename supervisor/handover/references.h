// What the parts of a state say of one another. Pure.
#ifndef SUPERVISOR_HANDOVER_REFERENCES_H_
#define SUPERVISOR_HANDOVER_REFERENCES_H_

#include "absl/status/status.h"
#include "drover/state/v1/handover.pb.h"

namespace drover::handover {

// InvalidArgument names the first part that refers to what is not there, is
// used twice, or is used by nobody.
absl::Status CheckReferences(const state::v1::Handover& handover);

}  // namespace drover::handover

#endif  // SUPERVISOR_HANDOVER_REFERENCES_H_
