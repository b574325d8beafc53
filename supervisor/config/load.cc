#include "supervisor/config/load.h"

#include <filesystem>
#include <utility>

#include "supervisor/config/normalize.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/read_file.h"

namespace drover::config {
namespace {

// The directory of `path`, absolute.
std::string DirectoryOf(const std::string& path, const Host& host) {
  std::filesystem::path whole =
      std::filesystem::path(host.working_directory) / path;
  return whole.lexically_normal().parent_path().string();
}

// Whether the configuration is valid must not depend on where it is checked;
// the process that runs it has its own runtime directory, or says so.
Host HostForCheck(Host host) {
  if (host.runtime_directory.empty()) host.runtime_directory = "/run";
  return host;
}

absl::Status InPlace(const absl::Status& status, const Positions& positions,
                     absl::string_view source) {
  std::optional<Problem> problem = ProblemOf(status);
  if (!problem) return status;
  return ToStatus(*problem, source, positions.Find(problem->field));
}

}  // namespace

std::optional<Format> FormatOf(absl::string_view path) {
  std::string extension =
      std::filesystem::path(std::string(path)).extension().string();
  if (extension == ".yaml" || extension == ".yml") return Format::kYaml;
  if (extension == ".json") return Format::kJson;
  if (extension == ".textproto" || extension == ".txtpb") {
    return Format::kTextproto;
  }
  return std::nullopt;
}

absl::StatusOr<v1::Config> LoadFile(const std::string& path, const Host& host,
                                    std::optional<Format> format) {
  if (!format) format = FormatOf(path);
  if (!format) {
    return ToStatus({.found = "its extension names no format",
                     .remedy = "name it .yaml, .json or .textproto"},
                    path, {});
  }
  absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return LoadText(*text, *format, path, DirectoryOf(path, host), host);
}

absl::StatusOr<v1::Config> LoadText(absl::string_view text, Format format,
                                    absl::string_view source,
                                    absl::string_view base, const Host& host) {
  absl::StatusOr<Parsed> parsed = Parse(text, format, source);
  if (!parsed.ok()) return parsed.status();
  ResolvePaths(base, &parsed->config);
  absl::StatusOr<v1::Config> valid =
      Prepare(parsed->config, HostForCheck(host));
  if (!valid.ok()) return InPlace(valid.status(), parsed->positions, source);
  return std::move(parsed->config);
}

}  // namespace drover::config
