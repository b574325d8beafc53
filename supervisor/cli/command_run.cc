// run: this process becomes the supervisor.
#include <string>
#include <vector>

#include "supervisor/cli/command.h"
#include "supervisor/cli/config_file.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/supervisor_program.h"

namespace drover::cli {
namespace {

// Flags for the supervisor that say where the configuration is, after it was
// found right: an error is better told before the program has changed.
absl::StatusOr<std::vector<std::string>> ConfigArgs(const Options& options) {
  if (!options.file.empty()) {
    absl::Status status = LoadConfig(options.file, options.format).status();
    if (!status.ok()) return status;
    std::vector<std::string> args = {"--file", options.file};
    if (!options.format.empty()) {
      args.insert(args.end(), {"--format", options.format});
    }
    return args;
  }
  absl::StatusOr<config::v1::Config> config = ConfigFromFlags(options.flags);
  if (!config.ok()) return config.status();
  absl::Status status = Complete(*config).status();
  if (!status.ok()) return status;
  absl::StatusOr<std::string> path = MemoryFile(ToSparseJson(*config));
  if (!path.ok()) return path.status();
  return std::vector<std::string>{"--file", *path,      "--format",
                                  "json",   "--source", "the command line"};
}

}  // namespace

Outcome Run(const Options& options, Output*) {
  absl::StatusOr<std::vector<std::string>> args = ConfigArgs(options);
  if (!args.ok()) return args.status();
  absl::StatusOr<std::string> program = FindSupervisor();
  if (!program.ok()) return program.status();
  if (options.no_admin) args->push_back("--no-admin");
  if (!options.socket.empty()) {
    args->insert(args->end(), {"--admin-socket", options.socket});
  }
  if (!options.gateway.empty()) {
    args->insert(args->end(), {"--gateway", options.gateway});
  }
  return Become(*program, *args);
}

}  // namespace drover::cli
