// Whether a process was killed because memory ran out.
#ifndef SUPERVISOR_OS_OUT_OF_MEMORY_H_
#define SUPERVISOR_OS_OUT_OF_MEMORY_H_

#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"

namespace drover::os {

// For a process that died of SIGKILL and is not reaped. True only on evidence:
// it had a cgroup (version 2) that is not the supervisor's own, and the kernel
// counted a victim there. In a shared cgroup the count says nothing about this
// process, and the answer is false.
bool WasOutOfMemory(pid_t pid);

// The path in "0::/path" of a /proc/PID/cgroup; empty if there is none.
std::string CgroupPath(absl::string_view proc_pid_cgroup);

// The count behind "oom_kill" of a memory.events; 0 if there is none.
int64_t VictimCount(absl::string_view memory_events);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_OUT_OF_MEMORY_H_
