// The slots of a pool that wait for their next process. Waits that end at about
// the same time end together: however many workers a storm has taken, the pool
// is woken once for them.
#ifndef SUPERVISOR_CORE_RESTART_SCHEDULE_H_
#define SUPERVISOR_CORE_RESTART_SCHEDULE_H_

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "absl/time/time.h"

namespace drover::core {

class RestartSchedule {
 public:
  // Adds a slot whose wait is `wait` from `now`; returns when it ends: then, or
  // with others up to an eighth of the wait earlier or a quarter later.
  absl::Time Add(uint32_t slot, absl::Time now, absl::Duration wait);

  // The slot waits no more. `time` is what Add() returned for it.
  void Remove(uint32_t slot, absl::Time time);

  // InfiniteFuture if none waits.
  absl::Time Next() const;

  // Takes out the slots whose wait has ended.
  std::vector<uint32_t> PopDue(absl::Time now);

  // Puts back what was read: a slot with the end of its wait.
  void Restore(uint32_t slot, absl::Time time) { batches_[time].insert(slot); }

 private:
  std::map<absl::Time, std::set<uint32_t>> batches_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_RESTART_SCHEDULE_H_
