// Descriptors that this process was started with on purpose: of socket units,
// and of what a former supervisor had kept.
#ifndef SUPERVISOR_OS_HANDED_FDS_H_
#define SUPERVISOR_OS_HANDED_FDS_H_

#include <string>
#include <vector>

#include "supervisor/base/unique_fd.h"

namespace drover::os {

struct HandedFd {
  // Not unique; "unknown" where none was given.
  std::string name;
  UniqueFd fd;
};

// Takes over what LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES say is handed to
// this very process, close-on-exec from now on, and unsets the three: whatever
// this process becomes or starts must not take the numbers for its own. To be
// called before anything else is opened. Numbers that are not open are left
// out.
std::vector<HandedFd> TakeHandedFds();

}  // namespace drover::os

#endif  // SUPERVISOR_OS_HANDED_FDS_H_
