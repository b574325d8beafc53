// Scripts that complete drover's words in a shell.
#ifndef SUPERVISOR_CLI_COMPLETION_H_
#define SUPERVISOR_CLI_COMPLETION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "supervisor/cli/manual.h"

namespace drover::cli {

// `shell` is "bash", "zsh" or "fish".
std::string RenderCompletion(const CommandInfo& root, absl::string_view shell);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_COMPLETION_H_
