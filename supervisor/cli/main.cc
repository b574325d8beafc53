// The drover command.
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "supervisor/base/log.h"
#include "supervisor/cli/args.h"
#include "supervisor/cli/command.h"
#include "supervisor/cli/completion.h"
#include "supervisor/cli/config_file.h"
#include "supervisor/cli/man_page.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Outcome Print(const std::string& text, Output* output) {
  output->Print(text);
  return ExitCode::kOk;
}

Outcome Do(const Options& options, Output* output) {
  switch (options.command) {
    case Command::kHelp:
      return Print(options.text, output);
    case Command::kRun:
      return Run(options, output);
    case Command::kCheck:
      return Check(options, output);
    case Command::kPlan:
      return Plan(options, output);
    case Command::kApply:
      return Apply(options, output);
    case Command::kStatus:
      return Status(options, output);
    case Command::kScale:
      return Scale(options, output);
    case Command::kReload:
      return Reload(options, output);
    case Command::kRestart:
      return Restart(options, output);
    case Command::kStop:
      return Stop(options, output);
    case Command::kStart:
      return Start(options, output);
    case Command::kShutdown:
      return Shutdown(options, output);
    case Command::kUpgrade:
      return Upgrade(options, output);
    case Command::kWatch:
      return Watch(options, output);
    case Command::kLogs:
      return Logs(options, output);
    case Command::kOperations:
      return Operations(options, output);
    case Command::kOperationsWatch:
      return OperationsWatch(options, output);
    case Command::kOperationsCancel:
      return OperationsCancel(options, output);
    case Command::kVersion:
      return Version(options, output);
    case Command::kSystemdUnit:
      return SystemdUnit(options, output);
    case Command::kCompletion:
      return Print(RenderCompletion(DescribeCommands(), options.shell), output);
    case Command::kMan:
      return Print(RenderManPage(DescribeCommands()), output);
  }
  return absl::InternalError("unknown command");
}

int Fail(const absl::Status& status, Output* output) {
  output->PrintError(output->json()
                         ? RenderProblemJson(status)
                         : RenderProblem(status, output->error_style()));
  return static_cast<int>(ToExitCode(status));
}

// Also where the command line as a whole was not understood, a script that
// asked for JSON gets JSON.
bool WantsJson(const std::vector<std::string>& args) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--") return false;
    if (args[i] == "--output=json" || args[i] == "-ojson") return true;
    bool names_it = args[i] == "--output" || args[i] == "-o";
    if (names_it && i + 1 < args.size() && args[i + 1] == "json") return true;
  }
  return false;
}

int Main(const std::vector<std::string>& args) {
  absl::StatusOr<Options> options = ParseArgs(
      args,
      {.socket = Variable("DROVER_SOCKET"), .default_socket = DefaultSocket()});
  if (!options.ok()) {
    Output output(WantsJson(args), true);
    return Fail(options.status(), &output);
  }
  Output output(options->json, options->color);
  Outcome outcome = Do(*options, &output);
  if (!outcome.ok()) return Fail(outcome.status(), &output);
  return static_cast<int>(*outcome);
}

}  // namespace
}  // namespace drover::cli

int main(int argc, char** argv) {
  drover::log::InitFromEnvironment();
  return drover::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
