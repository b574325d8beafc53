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
  return absl::Now() - (Now() - instant);
}

}  // namespace drover::os
