// The command line: what may be said, and what was.
#ifndef SUPERVISOR_CLI_ARGS_H_
#define SUPERVISOR_CLI_ARGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "supervisor/cli/manual.h"
#include "supervisor/cli/options.h"

namespace drover::cli {

// What the environment adds.
struct Environment {
  std::string socket;          // DROVER_SOCKET
  std::string default_socket;  // where it is if nobody says
};

// `args` without the program's name. A request for help is an Options too
// (kHelp, with its text). InvalidArgument, with a remedy, for what cannot be
// understood.
absl::StatusOr<Options> ParseArgs(const std::vector<std::string>& args,
                                  const Environment& environment);

// Every command and option there is.
CommandInfo DescribeCommands();

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_ARGS_H_
