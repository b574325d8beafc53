// The commands. Each does its work, prints its result and says what the program
// ends with; a status that is not OK is printed by main().
#ifndef SUPERVISOR_CLI_COMMAND_H_
#define SUPERVISOR_CLI_COMMAND_H_

#include "absl/status/statusor.h"
#include "supervisor/cli/exit_code.h"
#include "supervisor/cli/options.h"
#include "supervisor/cli/output.h"

namespace drover::cli {

using Outcome = absl::StatusOr<ExitCode>;

// command_run.cc: becomes the supervisor; returns only if it cannot.
Outcome Run(const Options& options, Output* output);

// command_config.cc
Outcome Check(const Options& options, Output* output);
Outcome Plan(const Options& options, Output* output);
Outcome Apply(const Options& options, Output* output);

// command_status.cc
Outcome Status(const Options& options, Output* output);

// command_unit.cc
Outcome SystemdUnit(const Options& options, Output* output);

// command_version.cc
Outcome Version(const Options& options, Output* output);

// command_change.cc
Outcome Scale(const Options& options, Output* output);
Outcome Reload(const Options& options, Output* output);
Outcome Restart(const Options& options, Output* output);
Outcome Stop(const Options& options, Output* output);
Outcome Start(const Options& options, Output* output);
Outcome Shutdown(const Options& options, Output* output);

// command_upgrade.cc
Outcome Upgrade(const Options& options, Output* output);

// command_operations.cc
Outcome Operations(const Options& options, Output* output);
Outcome OperationsWatch(const Options& options, Output* output);
Outcome OperationsCancel(const Options& options, Output* output);

// command_watch.cc
Outcome Watch(const Options& options, Output* output);
Outcome Logs(const Options& options, Output* output);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_COMMAND_H_
