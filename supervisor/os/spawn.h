// Starts a process.
#ifndef SUPERVISOR_OS_SPAWN_H_
#define SUPERVISOR_OS_SPAWN_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/types/span.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/os/credentials.h"
#include "supervisor/os/limits.h"

namespace drover::os {

// A descriptor of the supervisor, and the number the process finds it under.
struct InheritedFd {
  int source = -1;
  int number = -1;
};

// All pointers are borrowed for the call.
struct SpawnRequest {
  // No search is done, no shell is involved.
  const char* path = nullptr;
  // An open program (O_PATH) to execute instead of what `path` names, so that
  // the user it runs as need not reach the path; -1 = none. Not for scripts.
  int program = -1;
  const char* const* argv = nullptr;  // ends with a null pointer
  const char* const* envp = nullptr;  // ends with a null pointer
  // Each number once. Nothing else is inherited.
  absl::Span<const InheritedFd> fds;
  // An open directory to run in; -1 = the supervisor's.
  int directory = -1;
  // Null = unchanged.
  const Credentials* credentials = nullptr;
  std::optional<mode_t> umask;
  absl::Span<const Limit> limits;
};

// A child that is not reaped yet, so that its pid cannot name another process.
struct SpawnedChild {
  pid_t pid = -1;
  UniqueFd pidfd;
};

struct SpawnError {
  // "clone", or what the child could not do: "setpgid", "dup", "setrlimit",
  // "setgroups", "setresgid", "setresuid", "chdir", "execve".
  std::string step;
  int error_number = 0;
  // What it was done to, such as the program's path; empty where that says
  // nothing.
  std::string object = {};
};

// The process has its own process group (its pid), an empty signal mask, every
// signal at its default, and the program of the request. When this returns the
// program has taken over; if it could not, the child is gone already.
//
// The child shares the caller's memory until then and the calling thread waits
// for it: no copy of page tables is made, and no lock of another thread can be
// left held, since the child makes system calls and nothing else.
std::variant<SpawnedChild, SpawnError> Spawn(const SpawnRequest& request);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_SPAWN_H_
