#include "supervisor/cli/interrupts.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <utility>

#include "supervisor/cli/exit_code.h"

namespace drover::cli {
namespace {

sigset_t Signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Interrupts::Interrupts() {
  sigset_t set = Signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { Run(); });
}

Interrupts::~Interrupts() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

bool Interrupts::pending() const {
  absl::MutexLock lock(&mutex_);
  return pending_;
}

bool Interrupts::WaitUntil(absl::Time until) const {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(&pending_), until);
}

void Interrupts::Run() {
  sigset_t set = Signals();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      if (pending_) ::_exit(static_cast<int>(ExitCode::kInterrupted));
    }
    Note();
  }
}

void Interrupts::Note() {
  absl::MutexLock lock(&mutex_);
  pending_ = true;
  if (wake_) wake_();
}

Interrupts::Scope::Scope(Interrupts* interrupts, std::function<void()> wake)
    : interrupts_(interrupts) {
  absl::MutexLock lock(&interrupts_->mutex_);
  interrupts_->wake_ = std::move(wake);
  if (interrupts_->pending_) interrupts_->wake_();
}

Interrupts::Scope::~Scope() {
  absl::MutexLock lock(&interrupts_->mutex_);
  interrupts_->wake_ = nullptr;
}

}  // namespace drover::cli
