// Finds the program that a command names.
#ifndef SUPERVISOR_OS_COMMAND_H_
#define SUPERVISOR_OS_COMMAND_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drover::os {

// Sets `path` to the absolute path of the program, without symbolic links, so
// that it stays the same program when a link on the way is turned (a deploy).
// A program with a slash is relative to `directory`, one without is looked for
// in `search_path` (PATH); an empty directory is the current one. Returns 0,
// ENOENT, EACCES (found, but nowhere executable), or realpath's errno.
int ResolveCommand(absl::string_view program, absl::string_view directory,
                   absl::string_view search_path, std::string* path);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_COMMAND_H_
