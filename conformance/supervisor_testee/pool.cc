// The slots of the supervisor's one pool.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "conformance/supervisor_testee/supervisor.h"

namespace drover::conformance {
namespace {

using namespace std::chrono_literals;

constexpr int kBackoffMost = 20;  // times the first delay
// How long a mutant's mistake takes to show.
constexpr auto kLate = 300ms;

}  // namespace

void Supervisor::Fill(Slot& slot) {
  slot.start_at.reset();
  auto started = spawner_.Start(slot.number);
  if (started.ok()) {
    slot.holder = *std::move(started);
  } else {
    std::cerr << started.status() << std::endl;
  }
}

void Supervisor::StartNext(Slot& slot) {
  if (slot.next || slot.leaving) return;
  auto started = spawner_.Start(slot.number);
  if (!started.ok()) return;
  slot.next = *std::move(started);
  if (settings_.Faulty("stops_first")) slot.holder->Want(Goal::kQuit);
}

void Supervisor::SteerSlot(Slot& slot) {
  if (slot.holder && slot.holder->TakeRecycling()) StartNext(slot);
  if (!slot.holder && slot.next) slot.holder = std::move(slot.next);
  if (slot.next && slot.next->phase() == Worker::Phase::kStarted) {
    slot.leaving = std::move(slot.holder);
    slot.holder = std::move(slot.next);
    slot.leaving->Want(Goal::kQuit);
  }
  bool due = slot.start_at && Clock::now() >= *slot.start_at;
  if (due && !slot.holder && goal_ == Goal::kRun) Fill(slot);
}

void Supervisor::WantAll(Goal goal) {
  if (goal_ == Goal::kQuit) return;
  goal_ = goal;
  for (Slot& slot : slots_) {
    slot.restarts = 0;
    slot.start_at.reset();
    if (slot.holder) slot.holder->Want(goal);
    // Nobody takes over from one that stops.
    if (slot.next && goal != Goal::kRun) slot.next->Want(Goal::kQuit);
    if (!slot.holder && goal == Goal::kRun) slot.start_at = Clock::now();
  }
}

bool Supervisor::HasEnded(Worker& worker) {
  pollfd polled = {worker.pidfd(), POLLIN, 0};
  if (::poll(&polled, 1, 0) <= 0) return false;
  if (settings_.Faulty("waits_for_end_of_stream")) {
    return worker.channel().ended();
  }
  return !settings_.Faulty("waits_for_the_rest") ||
         !worker.channel().mid_frame();
}

void Supervisor::TakeEnd(Slot& slot, std::unique_ptr<Worker>& worker) {
  bool held = &worker == &slot.holder;
  if (settings_.Faulty("reaps_late") && held) {
    unreaped_.emplace_back(Clock::now() + kLate, std::move(worker));
    return Replace(slot, EndReport{});
  }
  EndReport report = worker->Conclude();
  worker.reset();
  // A mutant takes ends that come together for one.
  bool swallowed =
      Clock::now() - last_end_ < kLate && settings_.Faulty("swallows_ends");
  last_end_ = Clock::now();
  if (!swallowed) control_.Publish(report);
  if (held) Replace(slot, report);
}

// What becomes of the slot that an end has left empty.
void Supervisor::Replace(Slot& slot, const EndReport& report) {
  if (goal_ != Goal::kRun || slot.next) return;
  if (report.due) {
    slot.start_at = Clock::now();
    return;
  }
  bool given_up = slot.restarts >= settings_.max_restarts &&
                  !settings_.Faulty("never_gives_up");
  if (!settings_.restart || given_up) return;
  int times = std::min(1 << std::min(slot.restarts, 8), kBackoffMost);
  if (settings_.Faulty("constant_delay")) times = 1;
  ++slot.restarts;
  slot.start_at = Clock::now() + times * settings_.backoff;
}

bool Supervisor::Empty() const {
  return std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return !slot.holder && !slot.next && !slot.leaving;
  });
}

}  // namespace drover::conformance
