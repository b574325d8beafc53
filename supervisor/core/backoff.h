// How long a slot waits before its next process, and when a pool has had
// enough.
#ifndef SUPERVISOR_CORE_BACKOFF_H_
#define SUPERVISOR_CORE_BACKOFF_H_

#include <cstdint>
#include <deque>

#include "absl/time/time.h"
#include "supervisor/core/random.h"
#include "supervisor/core/settings.h"

namespace drover::core {

// One slot's wait: exponential with a cap and jitter.
class Backoff {
 public:
  Backoff() = default;
  // As it was when it was written out.
  explicit Backoff(uint32_t in_a_row) : in_a_row_(in_a_row) {}

  // The wait before the next process, after one that was STARTED for
  // `healthy` (zero if it never was).
  absl::Duration Next(const BackoffSettings& settings, absl::Duration healthy,
                      Random& random);

  // An operator intervened: the next wait is the first again.
  void Reset() { in_a_row_ = 0; }

  uint32_t in_a_row() const { return in_a_row_; }

 private:
  uint32_t in_a_row_ = 0;
};

// A pool's limit: at most `max` restarts in `window`.
class Intensity {
 public:
  // Counts one restart; false if it is one too many.
  bool Allow(uint64_t max, absl::Duration window, absl::Time now);

  void Reset() { restarts_.clear(); }

  // Oldest first.
  const std::deque<absl::Time>& restarts() const { return restarts_; }
  // As they were when they were written out, oldest first.
  void Restore(absl::Time restart) { restarts_.push_back(restart); }

 private:
  std::deque<absl::Time> restarts_;  // never more than max + 1
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_BACKOFF_H_
