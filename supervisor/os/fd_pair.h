// The two ends of what connects the supervisor with a process that it starts.
#ifndef SUPERVISOR_OS_FD_PAIR_H_
#define SUPERVISOR_OS_FD_PAIR_H_

#include <optional>

#include "supervisor/base/unique_fd.h"

namespace drover::os {

// Both close-on-exec. Ours does not block, the other does: the ends are two
// open files, so that neither side's flags are the other's.
struct FdPair {
  UniqueFd ours;
  UniqueFd theirs;
};

// An AF_UNIX stream pair. nullopt: errno says why.
std::optional<FdPair> MakeSocketPair();

// A pipe that is read at our end. nullopt: errno says why.
std::optional<FdPair> MakeOutputPair();

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FD_PAIR_H_
