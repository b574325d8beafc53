#include "supervisor/hold/holder.h"

#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "supervisor/hold/notification.h"

namespace drover::hold {
namespace {

constexpr int kFailed = 1;
constexpr int kBySignal = 128;
// Between two looks at signals, and at the very end of a supervisor.
constexpr int kDatagramsAtOnce = 64;
constexpr int kDatagramsAtEnd = 4096;

sigset_t Taken() {
  sigset_t taken;
  ::sigemptyset(&taken);
  for (int signal :
       {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCHLD}) {
    ::sigaddset(&taken, signal);
  }
  return taken;
}

bool AsksForTheEnd(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

int Milliseconds(std::chrono::steady_clock::duration duration) {
  return static_cast<int>(
      std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

}  // namespace

Holder::Holder(char* const* command, Restarts restarts)
    : inbox_(Inbox::Open()), restarts_(restarts) {
  TakeOver(&store_);
  const sigset_t taken = Taken();
  ::sigprocmask(SIG_BLOCK, &taken, &launch_.mask);
  signals_ = UniqueFd(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  // Workers of a dead supervisor, and theirs, end up here and are reaped.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  launch_.command = command;
  launch_.notify_socket = inbox_.address();
}

int Holder::Run() {
  if (!inbox_.ok() || !signals_.ok()) {
    std::fprintf(stderr, "drover-holder: cannot begin: %s\n",
                 ::strerror(errno));
    return kFailed;
  }
  next_start_ = Clock::now();
  while (!exit_code_) {
    if (supervisor_ == 0 && Clock::now() >= next_start_) Launch();
    pollfd ready[] = {{signals_.get(), POLLIN, 0}, {inbox_.fd(), POLLIN, 0}};
    ::poll(ready, 2, Timeout());
    Read(kDatagramsAtOnce);
    OnSignals();
  }
  return *exit_code_;
}

int Holder::Timeout() const {
  if (supervisor_ != 0) return -1;
  return std::max(0, Milliseconds(next_start_ - Clock::now()));
}

void Holder::Launch() {
  started_ = Clock::now();
  passed_on_ = 0;
  const pid_t started = Start(launch_, store_);
  if (started > 0) {
    supervisor_ = started;
    return;
  }
  const auto wait = std::max(restarts_.Next({}), Restarts::kFirst);
  std::fprintf(stderr, "drover-holder: fork: %s; trying again\n",
               ::strerror(errno));
  next_start_ = Clock::now() + wait;
}

void Holder::OnSignals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    OnSignal(static_cast<int>(info.ssi_signo));
  }
}

void Holder::OnSignal(int signal) {
  if (signal == SIGCHLD) {
    Reap();
  } else if (signal == SIGTSTP) {
    Suspend();
  } else if (supervisor_ != 0) {
    stopping_ |= AsksForTheEnd(signal);
    passed_on_ = signal;
    ::kill(supervisor_, signal);
  } else if (AsksForTheEnd(signal)) {
    // Between two supervisors nothing is left to be ended.
    exit_code_ = 0;
  }
}

// Ctrl-Z: both stop, and go on together.
void Holder::Suspend() {
  if (supervisor_ != 0) ::kill(supervisor_, SIGTSTP);
  ::raise(SIGSTOP);
  if (supervisor_ != 0) ::kill(supervisor_, SIGCONT);
}

void Holder::Read(int most) {
  for (int i = 0; i < most; ++i) {
    std::optional<Datagram> datagram = inbox_.Receive();
    if (!datagram) return;
    if (datagram->pid == supervisor_) OnDatagram(*std::move(datagram));
  }
}

void Holder::OnDatagram(Datagram datagram) {
  const Notification said = ParseNotification(datagram.text);
  stopping_ |= said.stopping;
  if (said.remove) store_.Drop(said.name);
  if (!said.store) return;
  for (UniqueFd& fd : datagram.fds) {
    if (store_.Keep(said.name, std::move(fd)) || told_full_) continue;
    told_full_ = true;
    std::fprintf(stderr,
                 "drover-holder: %s is not held: there are %zu already\n",
                 said.name.c_str(), Store::kMax);
  }
}

void Holder::Reap() {
  // What it said last is in the queue, and its pid is nobody else's until it is
  // reaped.
  Read(kDatagramsAtEnd);
  int status = 0;
  for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended == supervisor_) OnEnd(status);
  }
}

void Holder::OnEnd(int status) {
  const pid_t ended = std::exchange(supervisor_, 0);
  if (WIFEXITED(status)) {
    exit_code_ = WEXITSTATUS(status);
    return;
  }
  const int signal = WTERMSIG(status);
  if (stopping_ || signal == passed_on_) {
    std::fprintf(stderr,
                 "drover-holder: the supervisor (pid %d) was ended by SIG%s "
                 "on its way down\n",
                 ended, ::sigabbrev_np(signal));
    exit_code_ = kBySignal + signal;
    return;
  }
  launch_.former_end = std::string("SIG") + ::sigabbrev_np(signal);
  const auto lived = std::chrono::duration_cast<Restarts::Milliseconds>(
      Clock::now() - started_);
  const auto wait = restarts_.Next(lived);
  next_start_ = Clock::now() + wait;
  std::fprintf(stderr,
               "drover-holder: the supervisor (pid %d) was ended by SIG%s; %zu "
               "descriptors are held; starting it again in %lld ms\n",
               ended, ::sigabbrev_np(signal), store_.held().size(),
               static_cast<long long>(wait.count()));
}

}  // namespace drover::hold
