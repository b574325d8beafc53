// run: this process becomes the supervisor, or the holder of its sockets.
#include <cstdlib>
#include <string>
#include <vector>

#include "supervisor/cli/command.h"
#include "supervisor/cli/config_file.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/problem.h"
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

// Two that keep the same sockets would each start from what it knows.
absl::Status CheckNobodyHolds() {
  const char* notify = std::getenv("NOTIFY_SOCKET");
  if (notify == nullptr || *notify == '\0') return absl::OkStatus();
  return UsageProblem(
      "--hold-sockets: a service manager (NOTIFY_SOCKET) has started this, and "
      "keeps sockets itself",
      "leave --hold-sockets out, and let the unit say FileDescriptorStoreMax= "
      "and Restart=, as that of `drover systemd-unit` does; or unset "
      "NOTIFY_SOCKET");
}

Outcome BecomeHolder(const std::string& supervisor,
                     std::vector<std::string> args) {
  absl::StatusOr<std::string> holder = FindProgram("drover-holder");
  if (!holder.ok()) return holder.status();
  args.insert(args.begin(), supervisor);
  return Become(*holder, args);
}

}  // namespace

Outcome Run(const Options& options, Output*) {
  if (options.hold_sockets) {
    if (absl::Status free = CheckNobodyHolds(); !free.ok()) return free;
  }
  absl::StatusOr<std::vector<std::string>> args = ConfigArgs(options);
  if (!args.ok()) return args.status();
  absl::StatusOr<std::string> program = FindProgram("drover-supervisor");
  if (!program.ok()) return program.status();
  if (options.no_admin) args->push_back("--no-admin");
  if (!options.socket.empty()) {
    args->insert(args->end(), {"--admin-socket", options.socket});
  }
  if (!options.gateway.empty()) {
    args->insert(args->end(), {"--gateway", options.gateway});
  }
  if (options.hold_sockets) return BecomeHolder(*program, *std::move(args));
  return Become(*program, *args);
}

}  // namespace drover::cli
