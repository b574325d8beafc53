#include "supervisor/core/backoff.h"

#include <algorithm>

#include "supervisor/core/fault.h"

namespace drover::core {

absl::Duration Backoff::Next(const BackoffSettings& settings,
                             absl::Duration healthy, Random& random) {
  if (healthy >= settings.reset_after && healthy > absl::ZeroDuration() &&
      !DROVER_FAULT(kBackoffNeverResets)) {
    in_a_row_ = 0;
  }
  absl::Duration wait = settings.initial;
  for (uint32_t i = 0; i < in_a_row_ && wait < settings.max; ++i) {
    wait *= settings.factor;
  }
  wait = std::min(wait, settings.max);
  if (wait < settings.max && !DROVER_FAULT(kBackoffNeverGrows)) ++in_a_row_;
  // Whole nanoseconds, so that it is the same when written out and read back.
  return absl::Trunc(wait * (1.0 + settings.jitter * random.NextSigned()),
                     absl::Nanoseconds(1));
}

bool Intensity::Allow(uint64_t max, absl::Duration window, absl::Time now) {
  while (!restarts_.empty() && restarts_.front() <= now - window) {
    restarts_.pop_front();
  }
  restarts_.push_back(now);
  if (DROVER_FAULT(kIntensityOffByOne)) ++max;
  if (restarts_.size() <= max) return true;
  restarts_.pop_front();
  return false;
}

}  // namespace drover::core
