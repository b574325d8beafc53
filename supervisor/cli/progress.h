// The block that shows a running operation on a terminal.
#ifndef SUPERVISOR_CLI_PROGRESS_H_
#define SUPERVISOR_CLI_PROGRESS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

struct ProgressView {
  // Since the command began to wait.
  absl::Duration elapsed;
  // Since the last news of the operation.
  absl::Duration age;
  // Lines of the terminal; the block takes at most half of them. 0 = no limit.
  int height = 0;
};

//   reload web  [#########---------]  2/4  12s  op-17
//     web/2  STOPPING  waits for the drain (12 in flight), 4.0s, 26s left
//
// Lines without newlines, none wider than style.width.
std::vector<std::string> RenderProgress(const admin::v1::Operation& operation,
                                        const ProgressView& view,
                                        const Style& style);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_PROGRESS_H_
