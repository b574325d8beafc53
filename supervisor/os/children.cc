#include "supervisor/os/children.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>

#include "supervisor/base/log.h"

namespace drover::os {
namespace {

// The next child that ended, without reaping it; 0 if there is none.
pid_t PeekEnded() {
  siginfo_t info = {};
  int result = 0;
  do {
    result = ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? info.si_pid : 0;
}

}  // namespace

Children::Children(bool adopt) : adopt_(adopt) {
  if (adopt_ && ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    log::Warning("cannot adopt the orphans of workers");
  }
}

std::vector<Children::Stop> Children::TakeStops() {
  std::vector<Stop> stops;
  while (adopt_) {
    siginfo_t info = {};
    if (::waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG) != 0 ||
        info.si_pid == 0) {
      break;
    }
    stops.push_back({info.si_pid, info.si_code != CLD_CONTINUED});
  }
  return stops;
}

int Children::ReapOrphans() {
  if (!adopt_) return 0;
  int reaped = 0;
  while (true) {
    pid_t pid = PeekEnded();
    // One that was started here is left to its owner, who calls again.
    if (pid == 0 || started_.contains(pid)) return reaped;
    siginfo_t info = {};
    ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG);
    DROVER_LOG(kOs, "reaped orphan ", pid);
    ++reaped;
  }
}

}  // namespace drover::os
