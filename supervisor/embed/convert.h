// Between the core's values and the embedding program's.
#ifndef SUPERVISOR_EMBED_CONVERT_H_
#define SUPERVISOR_EMBED_CONVERT_H_

#include <vector>

#include "absl/status/status.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/view.h"
#include "supervisor/embed/supervisor.h"

namespace drover {

WorkerExit ExitOf(const core::Exit& exit);
config::v1::ExitAction ActionOf(Decision decision);
std::vector<WorkerStatus> StatusesOf(
    const std::vector<core::WorkerView>& workers);

// Of an ended operation: OK, or Aborted with everything that helps, or
// Cancelled.
absl::Status StatusOf(const core::OperationView& operation);

}  // namespace drover

#endif  // SUPERVISOR_EMBED_CONVERT_H_
