// systemd-unit: how systemd runs a configuration.
#include <unistd.h>

#include <climits>
#include <filesystem>

#include "supervisor/cli/command.h"
#include "supervisor/cli/config_file.h"
#include "supervisor/cli/problem.h"
#include "supervisor/cli/systemd_unit.h"

namespace drover::cli {
namespace {

absl::StatusOr<std::string> OwnPath() {
  char path[PATH_MAX];
  ssize_t size = ::readlink("/proc/self/exe", path, sizeof(path));
  if (size <= 0) return absl::ErrnoToStatus(errno, "/proc/self/exe");
  return std::string(path, static_cast<size_t>(size));
}

// Deadlines of a configuration; of none, those of one that says nothing.
absl::StatusOr<config::v1::Config> ConfigOf(const Options& options) {
  if (!options.file.empty()) {
    auto config = LoadConfig(options.file, options.format);
    if (!config.ok()) return config.status();
    return Complete(*std::move(config));
  }
  config::v1::Config typical;
  typical.add_pools()->set_name("typical");
  typical.mutable_pools(0)->add_command("/bin/true");
  return Complete(std::move(typical));
}

}  // namespace

Outcome SystemdUnit(const Options& options, Output* output) {
  absl::StatusOr<config::v1::Config> config = ConfigOf(options);
  if (!config.ok()) return config.status();
  UnitFacts facts;
  facts.config = *std::move(config);
  if (options.systemd_version) facts.version = *options.systemd_version;
  if (!options.file.empty()) {
    std::error_code error;
    facts.file = std::filesystem::absolute(options.file, error);
    if (error) return UsageProblem(error.message(), "name the file fully");
  }
  facts.program = options.program;
  if (facts.program.empty()) {
    absl::StatusOr<std::string> own = OwnPath();
    if (!own.ok()) return own.status();
    facts.program = *std::move(own);
  }
  output->Print(RenderSystemdUnit(facts));
  return ExitCode::kOk;
}

}  // namespace drover::cli
