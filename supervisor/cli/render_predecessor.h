// What is shown of a supervisor that was killed.
#ifndef SUPERVISOR_CLI_RENDER_PREDECESSOR_H_
#define SUPERVISOR_CLI_RENDER_PREDECESSOR_H_

#include <string>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

// "the supervisor before (pid 7) was killed by SIGKILL; 4 workers lost it".
std::string Sentence(const admin::v1::Predecessor& predecessor,
                     const Style& style);

// The sentence, and below it the first of the workers with what they said last.
std::string RenderPredecessor(const admin::v1::Predecessor& predecessor,
                              const Style& style);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_RENDER_PREDECESSOR_H_
