// The shell's two clocks.
#ifndef SUPERVISOR_OS_CLOCK_H_
#define SUPERVISOR_OS_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"

namespace drover::os {

// CLOCK_MONOTONIC as the core takes it: the same for the whole machine, never
// set back; only differences mean something.
absl::Time Now();

// The instant of Now()'s clock as the event loop's timers take it.
std::chrono::steady_clock::time_point ToSteady(absl::Time instant);

// What the wall clock shows, or showed, at an instant of Now()'s clock. One
// instant is always the same time, unless the wall clock was set meanwhile. For
// the shell's thread alone.
absl::Time ToWall(absl::Time instant);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_CLOCK_H_
