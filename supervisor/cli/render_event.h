// Lines of `drover watch` and `drover logs`.
#ifndef SUPERVISOR_CLI_RENDER_EVENT_H_
#define SUPERVISOR_CLI_RENDER_EVENT_H_

#include <string>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

// One line an event: time, subject, what happened. A snapshot is one line a
// pool; lost events say how many.
std::string RenderEvent(const admin::v1::WatchEventsResponse& response,
                        const Style& style);

// "web/3 | line", with the time in front if `times`.
std::string RenderLogLine(const admin::v1::LogLine& line, bool times,
                          const Style& style);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_RENDER_EVENT_H_
