// Fills in what a configuration leaves out, so that the rest of the supervisor
// knows no default of its own.
#ifndef SUPERVISOR_CONFIG_NORMALIZE_H_
#define SUPERVISOR_CONFIG_NORMALIZE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/config/host.h"

namespace drover::config {

// Makes every relative path absolute: directories, environment and output
// files, unix sockets. `base` is absolute. Nothing is looked up.
void ResolvePaths(absl::string_view base, v1::Config* config);

// ResolvePaths against the host's working directory, then every default of the
// schema, then addresses in their shortest form. Takes any message, valid or
// not, and leaves what is wrong for Validate to say. Idempotent.
//
// Left empty, because that is their normal form: user, group (the supervisor's
// own), environment_file, output.file (none), single limits (inherited), mode
// of a listener that is not a unix socket.
void Normalize(const Host& host, v1::Config* config);

// Normalize and Validate: the one door for a configuration that is to run,
// whether it comes from a file, from flags or, possibly hostile, through the
// admin API.
absl::StatusOr<v1::Config> Prepare(v1::Config config, const Host& host);

// Where the admin API answers if the configuration does not say. Empty, which
// Validate refuses, where XDG_RUNTIME_DIR is needed and not set.
std::string DefaultAdminSocket(const Host& host);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_NORMALIZE_H_
