// What `drover status` shows.
#ifndef SUPERVISOR_CLI_RENDER_STATUS_H_
#define SUPERVISOR_CLI_RENDER_STATUS_H_

#include <string>

#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

// The supervisor, its pools, its workers; then what runs and what is wrong:
// operations with what they wait for, slots that do not come up and failed
// pools with their reason, last output and remedy.
std::string RenderStatus(const admin::v1::Snapshot& snapshot, absl::Time now,
                         const Style& style);

// Every pool is RUNNING with all its workers STARTED.
bool IsAllReady(const admin::v1::Snapshot& snapshot);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_RENDER_STATUS_H_
