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
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

bool Interrupts::pending() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return pending_;
}

bool Interrupts::WaitUntil(absl::Time until) const {
  std::unique_lock<std::mutex> lock(mutex_);
  return noted_.wait_until(lock, absl::ToChronoTime(until),
                           [this] { return pending_; });
}

void Interrupts::Run() {
  sigset_t set = Signals();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return;
      if (pending_) ::_exit(static_cast<int>(ExitCode::kInterrupted));
    }
    Note();
  }
}

void Interrupts::Note() {
  std::lock_guard<std::mutex> lock(mutex_);
  pending_ = true;
  noted_.notify_all();
  if (wake_) wake_();
}

Interrupts::Scope::Scope(Interrupts* interrupts, std::function<void()> wake)
    : interrupts_(interrupts) {
  std::lock_guard<std::mutex> lock(interrupts_->mutex_);
  interrupts_->wake_ = std::move(wake);
  if (interrupts_->pending_) interrupts_->wake_();
}

Interrupts::Scope::~Scope() {
  std::lock_guard<std::mutex> lock(interrupts_->mutex_);
  interrupts_->wake_ = nullptr;
}

}  // namespace drover::cli
