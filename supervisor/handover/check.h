// Whether a supervisor of this release can go on from a state: everything that
// can be told without its descriptors. The one door for states, whoever wrote
// them. Pure.
#ifndef SUPERVISOR_HANDOVER_CHECK_H_
#define SUPERVISOR_HANDOVER_CHECK_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/config/host.h"

namespace drover::handover {

// The state in `bytes` (container.h), complete and coherent: what one part
// refers to the other has, each descriptor is listed and used once, each worker
// of the core has its process and the other way round, and the configuration in
// force is one that this release understands. InvalidArgument names what is
// not so.
absl::StatusOr<state::v1::Handover> ReadState(absl::string_view bytes,
                                              const config::Host& host);

}  // namespace drover::handover

#endif  // SUPERVISOR_HANDOVER_CHECK_H_
