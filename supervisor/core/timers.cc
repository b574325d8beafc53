#include "supervisor/core/timers.h"

#include <utility>

namespace drover::core {

void Timers::Set(TimerKey key, absl::Time deadline) {
  auto [it, inserted] = deadlines_.try_emplace(key, deadline);
  if (!inserted) {
    if (it->second == deadline) return;
    order_.erase({it->second, key});
    it->second = deadline;
  }
  if (deadline == absl::InfiniteFuture()) {
    deadlines_.erase(it);
  } else {
    order_.insert({deadline, key});
  }
}

absl::Time Timers::Next() const {
  return order_.empty() ? absl::InfiniteFuture() : order_.begin()->first;
}

std::optional<TimerKey> Timers::PopDue(absl::Time now) {
  if (order_.empty() || Next() > now) return std::nullopt;
  TimerKey key = order_.begin()->second;
  order_.erase(order_.begin());
  deadlines_.erase(key);
  return key;
}

}  // namespace drover::core
