// Configurations as commands take them: from a file or from flags.
#ifndef SUPERVISOR_CLI_CONFIG_FILE_H_
#define SUPERVISOR_CLI_CONFIG_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/cli/options.h"

namespace drover::cli {

// What the file says, found right; defaults are not filled in, since they are
// the supervisor's. `format` is "yaml", "json", "textproto" or empty: by name.
// InvalidArgument with field and remedy for every fault, also where there is no
// such file: the command line is wrong then.
absl::StatusOr<config::v1::Config> LoadConfig(const std::string& file,
                                              const std::string& format);

// The configuration that `run`'s flags describe, as a file would; not checked.
// InvalidArgument for flags that cannot be understood.
absl::StatusOr<config::v1::Config> ConfigFromFlags(const PoolFlags& flags);

// With every default filled in, as a supervisor here would; InvalidArgument if
// it would not take it.
absl::StatusOr<config::v1::Config> Complete(config::v1::Config config);

// Where the admin socket is if nobody says. Empty if it needs XDG_RUNTIME_DIR
// and that is not set.
std::string DefaultSocket();

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_CONFIG_FILE_H_
