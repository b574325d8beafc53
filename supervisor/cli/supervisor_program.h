// Where the supervisor's program is, and how this process becomes it.
#ifndef SUPERVISOR_CLI_SUPERVISOR_PROGRAM_H_
#define SUPERVISOR_CLI_SUPERVISOR_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drover::cli {

// drover-supervisor or drover-holder: in DROVER_LIBEXEC if that is set, else
// beside this program or in ../libexec/drover from there.
absl::StatusOr<std::string> FindProgram(absl::string_view name);

// A file in memory that holds `content` and survives execve; its path, which
// is valid in this process, in what it becomes, and in what that starts. Its
// number is above those at which a supervisor is handed descriptors.
absl::StatusOr<std::string> MemoryFile(const std::string& content);

// Becomes `program`, which finds itself under its own name. Returns only if
// that failed.
absl::Status Become(const std::string& program,
                    const std::vector<std::string>& args);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_SUPERVISOR_PROGRAM_H_
