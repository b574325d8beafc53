#include "conformance/testee/testee.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace drover::conformance {

namespace v1 = worker::v1;

namespace {

// Blocks the signals that are read, but those that a mutant leaves alone.
int OpenSignals(const Behaviour& behaviour) {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGCONT);
  if (!behaviour.Faulty("sigterm_default")) ::sigaddset(&set, SIGTERM);
  if (!behaviour.Faulty("sigint_default")) ::sigaddset(&set, SIGINT);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

Testee::Testee(const Behaviour& behaviour, const Adopted& adopted)
    : behaviour_(behaviour),
      channel_(adopted.channel, behaviour),
      listeners_(adopted.listeners),
      requests_(behaviour.Asked("hold")),
      signals_(OpenSignals(behaviour)) {}

void Testee::Run() {
  Greet();
  while (true) {
    FireTimers();
    CheckDrained();
    Wait();
  }
}

void Testee::Wait() {
  std::vector<pollfd> polled = {{signals_, POLLIN, 0}, {-1, 0, 0}};
  if (!ended_) {
    short events =
        static_cast<short>(POLLIN | (channel_.Pending() ? POLLOUT : 0));
    polled[1] = {channel_.fd(), events, 0};
  }
  requests_.AddTo(polled);
  if (::poll(polled.data(), polled.size(), MillisecondsLeft()) <= 0) return;
  if (polled[0].revents != 0) ReadSignals();
  if ((polled[1].revents & POLLOUT) != 0) channel_.Flush();
  // Commands come first: after a Stop nothing more is taken.
  if ((polled[1].revents & ~POLLOUT) != 0) ReadChannel();
  polled.erase(polled.begin(), polled.begin() + 2);
  requests_.Handle(polled);
}

int Testee::MillisecondsLeft() const {
  if (timers_.empty()) return -1;
  Clock::time_point first = Clock::time_point::max();
  for (const auto& [timer, due] : timers_) first = std::min(first, due);
  auto left =
      std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void Testee::Set(Timer timer, int64_t milliseconds) {
  timers_[timer] = Clock::now() + std::chrono::milliseconds(milliseconds);
}

void Testee::FireTimers() {
  std::vector<Timer> due;
  for (const auto& [timer, time] : timers_) {
    if (time <= Clock::now()) due.push_back(timer);
  }
  for (Timer timer : due) {
    // Another one may have cleared it.
    if (timers_.erase(timer) > 0) Fire(timer);
  }
}

void Testee::Fire(Timer timer) {
  switch (timer) {
    case Timer::kStarted:
      FinishStart();
      break;
    case Timer::kStopDeadline:
      FinishStop(/*forced=*/true);
      break;
    case Timer::kExit:
      Exit(0);
    case Timer::kProgress:
      if (state_ != v1::STATE_STOPPING || Faulty("drains_without_progress")) {
        break;
      }
      SendProgress(0);
      Set(Timer::kProgress, 300);
      break;
    case Timer::kReport:
      SendProgress(0);
      Set(Timer::kReport, Faulty("report_flood")    ? 0
                          : Faulty("reports_often") ? 20
                                                    : 100);
      break;
    case Timer::kAsk:
      SendRequest();
      break;
    case Timer::kFailedExit:
      Exit(1);
    case Timer::kFault:
      if (Faulty("spontaneous")) Report(v1::STATE_STOPPING, 0);
      if (Faulty("started_after_stop")) Report(v1::STATE_STARTED, start_op_);
      if (Faulty("pong_twice")) {
        v1::ToSupervisor frame;
        frame.mutable_pong()->set_id(last_ping_);
        channel_.Send(frame);
      }
      break;
  }
}

void Testee::ReadChannel() {
  if (Faulty("continue_loses_input")) {
    // SIGCONT came with what waited.
    signalfd_siginfo info;
    if (::read(signals_, &info, sizeof(info)) > 0 &&
        info.ssi_signo == SIGCONT) {
      return channel_.DropInput();
    }
  }
  switch (channel_.ReadSome()) {
    case ChannelEnd::Read::kNothing:
      return;
    case ChannelEnd::Read::kEnd:
      return ChannelEnded(/*reset=*/false);
    case ChannelEnd::Read::kReset:
      return ChannelEnded(/*reset=*/true);
    case ChannelEnd::Read::kBytes:
      break;
  }
  std::optional<Violation> violation;
  bool connecting = state_ == 0;
  while (auto body = channel_.Next(violation)) {
    Handle(*body);
    if (connecting && Faulty("drops_behind_welcome")) channel_.ForgetInput();
  }
  if (violation) Violate(violation->code, violation->text);
}

void Testee::ReadSignals() {
  signalfd_siginfo info;
  while (::read(signals_, &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGCONT) {
      if (Faulty("signal_loses_bytes")) channel_.ForgetInput();
      if (Faulty("continue_loses_input")) channel_.DropInput();
    }
    if (info.ssi_signo != SIGTERM) continue;
    bool leaving = state_ == 0 || state_ == v1::STATE_SHUTTING_DOWN;
    if (failed_) Exit(1);
    if (leaving && !(terminated_ && Faulty("sigterm_once"))) Exit(0);
    terminated_ = true;
    if (!leaving) BeginShutdown(timeouts_.quit_ms(), 0);
  }
}

void Testee::ChannelEnded(bool reset) {
  if (reset && Faulty("reset_is_failure")) Exit(1);
  ended_ = true;
  if (Faulty("waits_for_the_rest") && channel_.mid_frame()) return;
  if (failed_) Exit(1);
  if (state_ == 0) {
    if (!Faulty("waits_for_welcome")) Exit(0);
    return;
  }
  if (Faulty("ignores_end")) return;
  if (Faulty("drops_at_end")) requests_.Abandon();
  if (state_ != v1::STATE_SHUTTING_DOWN) {
    BeginShutdown(timeouts_.loss_ms(), 0);
  }
}

void Testee::Exit(int code) {
  if (Faulty("waits_for_reader")) channel_.FlushAll();
  if (child_ > 0 && !Faulty("orphan_child")) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  ::_exit(code);
}

}  // namespace drover::conformance
