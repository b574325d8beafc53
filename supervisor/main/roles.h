// Who may use the admin API, as user ids.
#ifndef SUPERVISOR_MAIN_ROLES_H_
#define SUPERVISOR_MAIN_ROLES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "drover/config/v1/config.pb.h"
#include "drover/control/v1/control.pb.h"

namespace drover {

// Root and the supervisor's own user operate, and whom `admin` names. NotFound
// for a name that the system does not know.
absl::StatusOr<std::vector<control::v1::Role>> RolesOf(
    const config::v1::Admin& admin);

}  // namespace drover

#endif  // SUPERVISOR_MAIN_ROLES_H_
