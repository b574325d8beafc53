// Workers of one pool or of all, page by page.
#ifndef SUPERVISOR_CONTROL_WORKER_PAGE_H_
#define SUPERVISOR_CONTROL_WORKER_PAGE_H_

#include "absl/status/statusor.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/control/backend.h"

namespace drover::control {

// A page ends at the size that was asked for or at what fits into a message.
// Its token names the place to go on at, not a count, so that what comes and
// goes in between shifts no other worker into or out of a page.
absl::StatusOr<admin::v1::ListWorkersResponse> WorkerPage(
    const Backend& backend, const admin::v1::ListWorkersRequest& request);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_WORKER_PAGE_H_
