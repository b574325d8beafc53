#include "supervisor/os/clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace drover::os {

absl::Time Now() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::TimeFromTimespec(now);
}

std::chrono::steady_clock::time_point ToSteady(absl::Time instant) {
  return std::chrono::steady_clock::time_point(
      absl::ToChronoNanoseconds(instant - absl::UnixEpoch()));
}

absl::Time ToWall(absl::Time instant) {
  // Kept while the clocks agree, so that one instant is always shown as the
  // same time; taken anew when the wall clock was set.
  static absl::Duration offset = absl::Now() - Now();
  absl::Duration current = absl::Now() - Now();
  if (absl::AbsDuration(current - offset) > absl::Milliseconds(100)) {
    offset = current;
  }
  return instant + offset;
}

}  // namespace drover::os
