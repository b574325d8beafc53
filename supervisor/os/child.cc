#include "supervisor/os/child.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

namespace drover::os {
namespace {

// How long a killed process may take to go when nobody waits for it any more.
// One that hangs in the kernel is left behind.
constexpr int kReapMilliseconds = 2000;

siginfo_t Wait(pid_t pid, int flags) {
  siginfo_t info = {};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, flags) != 0 &&
         errno == EINTR) {
  }
  return info;
}

}  // namespace

Child::Child(asio::io_context& io, Children& children, SpawnedChild spawned,
             std::function<void()> on_exit)
    : children_(children),
      pid_(spawned.pid),
      pidfd_(io, std::move(spawned.pidfd)) {
  children_.Add(pid_);
  pidfd_.OnReadable(std::move(on_exit));
  pidfd_.WaitReadable();
}

Child::~Child() {
  if (reaped_) return;
  SignalGroup(SIGKILL);
  pollfd ended{.fd = pidfd_.fd(), .events = POLLIN, .revents = 0};
  while (::poll(&ended, 1, kReapMilliseconds) < 0 && errno == EINTR) {
  }
  Reap();
}

std::optional<ExitStatus> Child::Peek() {
  siginfo_t info = Wait(pid_, WEXITED | WNOHANG | WNOWAIT);
  if (info.si_pid == 0) return std::nullopt;
  ExitStatus status;
  if (info.si_code == CLD_EXITED) {
    status.code = info.si_status;
  } else {
    status.signal = info.si_status;
    status.core_dumped = info.si_code == CLD_DUMPED;
  }
  return status;
}

void Child::SignalGroup(int signal) {
  if (reaped_) return;
  if (::kill(-pid_, signal) == 0) return;
  SignalAlone(signal);
}

void Child::SignalAlone(int signal) {
  if (reaped_) return;
  ::syscall(SYS_pidfd_send_signal, pidfd_.fd(), signal, nullptr, 0);
}

void Child::Reap() {
  if (reaped_) return;
  reaped_ = true;
  Wait(pid_, WEXITED | WNOHANG);
  pidfd_.Close();
  children_.Remove(pid_);
  children_.ReapOrphans();
}

}  // namespace drover::os
