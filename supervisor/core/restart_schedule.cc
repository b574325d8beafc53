#include "supervisor/core/restart_schedule.h"

namespace drover::core {

absl::Time RestartSchedule::Add(uint32_t slot, absl::Time now,
                                absl::Duration wait) {
  const absl::Time end = now + wait;
  auto batch = batches_.lower_bound(end - wait / 8);
  if (batch == batches_.end() || batch->first > end + wait / 4) {
    batch = batches_.try_emplace(end).first;
  }
  batch->second.insert(slot);
  return batch->first;
}

void RestartSchedule::Remove(uint32_t slot, absl::Time time) {
  auto batch = batches_.find(time);
  if (batch == batches_.end()) return;
  batch->second.erase(slot);
  if (batch->second.empty()) batches_.erase(batch);
}

absl::Time RestartSchedule::Next() const {
  return batches_.empty() ? absl::InfiniteFuture() : batches_.begin()->first;
}

std::vector<uint32_t> RestartSchedule::PopDue(absl::Time now) {
  std::vector<uint32_t> due;
  while (Next() <= now) {
    const std::set<uint32_t>& slots = batches_.begin()->second;
    due.insert(due.end(), slots.begin(), slots.end());
    batches_.erase(batches_.begin());
  }
  return due;
}

}  // namespace drover::core
