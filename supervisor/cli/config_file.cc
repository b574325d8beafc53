#include "supervisor/cli/config_file.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "supervisor/cli/problem.h"
#include "supervisor/config/host.h"
#include "supervisor/config/load.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/problem.h"

namespace drover::cli {
namespace {

std::optional<config::Format> ToFormat(const std::string& name) {
  if (name == "yaml") return config::Format::kYaml;
  if (name == "json") return config::Format::kJson;
  if (name == "textproto") return config::Format::kTextproto;
  return std::nullopt;
}

// The same finding in the shape of a refused call: place and fault in the
// message, field and remedy apart.
absl::Status Translate(const absl::Status& status) {
  std::optional<config::Problem> found = config::ProblemOf(status);
  if (!found.has_value()) return UsageProblem(status.message(), "");
  absl::string_view message = status.message();
  if (absl::ConsumeSuffix(&message, found->remedy)) {
    absl::ConsumeSuffix(&message, "; ");
  }
  return FieldProblem(message, "BAD_CONFIG", found->field, found->remedy);
}

}  // namespace

std::string DefaultSocket() {
  return config::DefaultAdminSocket(config::ThisHost());
}

absl::StatusOr<config::v1::Config> LoadConfig(const std::string& file,
                                              const std::string& format) {
  if (format.empty() && !config::FormatOf(file)) {
    return FieldProblem(
        absl::StrCat(file, ": its extension names no format"), "BAD_CONFIG", "",
        "name it .yaml, .json or .textproto, or say which it is with --format");
  }
  absl::StatusOr<config::v1::Config> config =
      config::LoadFile(file, config::ThisHost(), ToFormat(format));
  if (!config.ok()) return Translate(config.status());
  return config;
}

absl::StatusOr<config::v1::Config> Complete(config::v1::Config config) {
  absl::StatusOr<config::v1::Config> complete =
      config::Prepare(std::move(config), config::ThisHost());
  if (!complete.ok()) return Translate(complete.status());
  return complete;
}

}  // namespace drover::cli
