// An upgrade of the supervisor, as text.
#ifndef SUPERVISOR_CLI_RENDER_UPGRADE_H_
#define SUPERVISOR_CLI_RENDER_UPGRADE_H_

#include <string>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

// It will not change any more.
bool HasEnded(const admin::v1::Upgrade& upgrade);

// "upgrade 3 succeeded, 0.1.0 -> 0.2.0", without a newline; why and what to do
// where it failed.
std::string RenderUpgrade(const admin::v1::Upgrade& upgrade,
                          const Style& style);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_RENDER_UPGRADE_H_
