// The supervisor as a program: core, shell, control room and gateway, wired.
#ifndef SUPERVISOR_MAIN_PROGRAM_H_
#define SUPERVISOR_MAIN_PROGRAM_H_

#include <string>
#include <vector>

#include "supervisor/main/take_over_arguments.h"

namespace drover {

struct ProgramOptions {
  // The configuration; read again on SIGHUP.
  std::string file;
  // "yaml", "json", "textproto"; empty = by the file's name.
  std::string format;
  // What messages call the file; empty = its path.
  std::string source;
  // Run without the admin gateway.
  bool no_admin = false;
  // Instead of the configuration's; empty = as it says.
  std::string admin_socket;
  // The gateway's program; empty = beside this one.
  std::string gateway;
  // The command line that says so.
  std::vector<std::string> arguments;
};

// The path of the gateway's program.
std::string GatewayPath(const ProgramOptions& options);

// Runs until everything is over; the exit code (docs/cli.md):
//   0 shut down in order     1 did not start            2 configuration
//   3 shut down by policy    4 shut down, but by force
int RunProgram(const ProgramOptions& options);

// The same, from where another program of this process has stopped. Where it
// cannot go on from there, that other program does (take_over.h).
int TakeOverProgram(const ProgramOptions& options,
                    const TakeOverArguments& take_over);

}  // namespace drover

#endif  // SUPERVISOR_MAIN_PROGRAM_H_
