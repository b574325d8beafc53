// A configuration from a file or a text, checked.
//
//   absl::StatusOr<v1::Config> config = LoadFile("drover.yaml");
//   if (config.ok()) config = Prepare(*std::move(config), ThisHost());
//
// What comes back is what the text says, with its relative paths made absolute,
// and would be valid with the defaults filled in; the defaults are not, since
// some depend on who runs the supervisor and where: the process that runs the
// configuration calls Prepare (normalize.h), a client sends it as it is.
//
// Errors are InvalidArgument, made of a Problem (problem.h), and read
//   drover.yaml:7:12: pools[0].count: 0 is below 1; give 1..4096
// `host` serves to check, and may be another than the one that will run it.
#ifndef SUPERVISOR_CONFIG_LOAD_H_
#define SUPERVISOR_CONFIG_LOAD_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/config/host.h"
#include "supervisor/config/parse.h"

namespace drover::config {

// By its extension: .yaml, .yml, .json, .textproto, .txtpb.
std::optional<Format> FormatOf(absl::string_view path);

// Reads `path`, in `format` if one is given, else by the extension. Relative
// paths in the file are relative to its directory. Never waits for the file.
absl::StatusOr<v1::Config> LoadFile(const std::string& path,
                                    const Host& host = ThisHost(),
                                    std::optional<Format> format = {});

// The same from memory. `source` names the text in messages; `base`, absolute,
// is what relative paths are relative to.
absl::StatusOr<v1::Config> LoadText(absl::string_view text, Format format,
                                    absl::string_view source,
                                    absl::string_view base,
                                    const Host& host = ThisHost());

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_LOAD_H_
