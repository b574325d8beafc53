#include "conformance/supervisor_testee/supervisor.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

namespace drover::conformance {
namespace {

int OpenSignals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

Supervisor::Supervisor(const Settings& settings)
    : settings_(settings),
      spawner_(settings),
      control_(settings.control_path(),
               [this](const std::string& order) { return Begin(order); }),
      signals_(OpenSignals()) {
  for (int i = 0; i < settings_.count; ++i) {
    slots_.emplace_back();
    slots_.back().number = static_cast<uint32_t>(i);
    slots_.back().start_at = Clock::now();
  }
}

int Supervisor::Run() {
  while (goal_ != Goal::kQuit || !Empty()) Turn();
  return 0;
}

std::vector<Worker*> Supervisor::Workers() {
  std::vector<Worker*> all;
  for (Slot& slot : slots_) {
    for (auto* worker : {&slot.holder, &slot.next, &slot.leaving}) {
      if (*worker) all.push_back(worker->get());
    }
  }
  return all;
}

// What was written before `now` is read before a deadline at `now` is acted
// upon, however late this process comes to it.
void Supervisor::Turn() {
  for (Slot& slot : slots_) SteerSlot(slot);
  control_.Settle();
  Wait();
  Clock::time_point now = Clock::now();
  if (settings_.Faulty("deadlines_first")) ActOnDeadlines(now);
  ReadSignals();
  control_.Handle();
  if (settings_.Faulty("drops_last_words")) TakeEnds();
  ReadWorkers();
  TakeEnds();
  ActOnDeadlines(now);
}

void Supervisor::Wait() {
  std::vector<pollfd> polled = {{signals_, POLLIN, 0}};
  control_.AddTo(polled);
  for (Worker* worker : Workers()) {
    polled.push_back({worker->pidfd(), POLLIN, 0});
    Channel& channel = worker->channel();
    if (channel.ended()) continue;
    short events =
        static_cast<short>(POLLIN | (channel.Pending() ? POLLOUT : 0));
    polled.push_back({channel.fd(), events, 0});
  }
  ::poll(polled.data(), polled.size(), MillisecondsLeft());
}

int Supervisor::MillisecondsLeft() {
  Clock::time_point due = Clock::time_point::max();
  for (Worker* worker : Workers()) due = std::min(due, worker->NextDue());
  for (const Slot& slot : slots_) {
    if (slot.start_at) due = std::min(due, *slot.start_at);
  }
  for (const auto& [time, worker] : unreaped_) due = std::min(due, time);
  if (due == Clock::time_point::max()) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
  // A mutant may leave what is due undone.
  return static_cast<int>(std::clamp<int64_t>(left.count(), 1, 60000));
}

void Supervisor::ReadSignals() {
  signalfd_siginfo info;
  while (::read(signals_, &info, sizeof(info)) == sizeof(info)) {
    WantAll(Goal::kQuit);
  }
}

void Supervisor::ReadWorkers() {
  for (Worker* worker : Workers()) {
    worker->ReadChannel();
    worker->channel().Flush();
  }
}

void Supervisor::TakeEnds() {
  for (Slot& slot : slots_) {
    for (auto* worker : {&slot.leaving, &slot.next, &slot.holder}) {
      if (*worker && HasEnded(**worker)) TakeEnd(slot, *worker);
    }
  }
}

void Supervisor::ActOnDeadlines(Clock::time_point now) {
  for (Worker* worker : Workers()) worker->ActOnDeadlines(now);
  unreaped_.remove_if([&](auto& each) {
    if (now < each.first) return false;
    control_.Publish(each.second->Conclude());
    return true;
  });
}

}  // namespace drover::conformance
