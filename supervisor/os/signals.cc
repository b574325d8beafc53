#include "supervisor/os/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

namespace drover::os {
namespace {

sigset_t Taken() {
  sigset_t taken;
  sigemptyset(&taken);
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR2, SIGCHLD}) {
    sigaddset(&taken, signal);
  }
  return taken;
}

}  // namespace

Signals::Signals(asio::io_context& io, Callbacks callbacks, int terminations)
    : callbacks_(std::move(callbacks)), terminations_(terminations) {
  sigset_t taken = Taken();
  ::pthread_sigmask(SIG_BLOCK, &taken, &former_mask_);
  watcher_ = std::make_unique<FdWatcher>(
      io, UniqueFd(::signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC)));
  watcher_->OnReadable([this] { Turn(); });
  watcher_->WaitReadable();
}

Signals::~Signals() {
  watcher_.reset();
  ::pthread_sigmask(SIG_SETMASK, &former_mask_, nullptr);
}

void Signals::Turn() {
  watcher_->WaitReadable();
  signalfd_siginfo info;
  while (::read(watcher_->fd(), &info, sizeof(info)) == sizeof(info)) {
    Dispatch(static_cast<int>(info.ssi_signo));
  }
}

void Signals::Dispatch(int signal) {
  switch (signal) {
    case SIGTERM:
    case SIGINT:
      callbacks_.terminate(signal, ++terminations_);
      break;
    case SIGHUP:
      callbacks_.reload();
      break;
    case SIGUSR2:
      if (callbacks_.upgrade) callbacks_.upgrade();
      break;
    case SIGCHLD:
      callbacks_.child();
      break;
  }
}

}  // namespace drover::os
