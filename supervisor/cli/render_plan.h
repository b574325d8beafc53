// What `drover plan` shows.
#ifndef SUPERVISOR_CLI_RENDER_PLAN_H_
#define SUPERVISOR_CLI_RENDER_PLAN_H_

#include <string>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

std::string RenderPlan(const admin::v1::Plan& plan, const Style& style);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_RENDER_PLAN_H_
