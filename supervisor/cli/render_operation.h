// Operations as text: what one waits for, how it ended, a list of them.
#ifndef SUPERVISOR_CLI_RENDER_OPERATION_H_
#define SUPERVISOR_CLI_RENDER_OPERATION_H_

#include <string>

#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

// "waits for the drain (12 in flight), 4.0s, 26s left". `age` is how long ago
// the message was made: the counts go on while no news comes.
std::string RenderWaiting(const admin::v1::Waiting& waiting,
                          absl::Duration age);

// One line on a running operation, for where nothing can be repainted:
// "op-17 reload web: 2/4, web/2 STOPPING waits for the drain (12 in flight)".
// Without times, so that only news makes another line.
std::string RenderProgressLine(const admin::v1::Operation& operation);

// Why something failed, completely: reason, worker, exit, last output, remedy.
std::string RenderFailure(const admin::v1::Failure& failure,
                          const Style& style);

// An ended operation: one line if it succeeded, else with its failure.
std::string RenderOutcome(const admin::v1::Operation& operation,
                          const Style& style);

// The table of `drover operations`.
std::string RenderOperations(const admin::v1::ListOperationsResponse& response,
                             absl::Time now, const Style& style);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_RENDER_OPERATION_H_
