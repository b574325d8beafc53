#include "supervisor/core/timers.h"

namespace drover::core {

Timer::~Timer() {
  if (timers_ != nullptr) timers_->Remove(*this);
}

void Timers::Set(Timer& timer, absl::Time deadline) {
  if (timer.timers_ != nullptr) {
    if (timer.deadline_ == deadline) return;
    Remove(timer);
  }
  if (deadline == absl::InfiniteFuture()) return;
  timer.timers_ = this;
  timer.deadline_ = deadline;
  order_.insert({deadline, &timer});
}

void Timers::Remove(Timer& timer) {
  order_.erase({timer.deadline_, &timer});
  timer.timers_ = nullptr;
}

std::optional<TimerKey> Timers::PopDue(absl::Time now) {
  if (order_.empty() || Next() > now) return std::nullopt;
  Timer& timer = *order_.begin()->timer;
  order_.erase(order_.begin());
  timer.timers_ = nullptr;
  return timer.key_;
}

}  // namespace drover::core
