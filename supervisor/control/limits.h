// Sizes of what goes to the gateway; a frame to it is at most 1 MiB.
#ifndef SUPERVISOR_CONTROL_LIMITS_H_
#define SUPERVISOR_CONTROL_LIMITS_H_

#include <cstddef>

namespace drover::control {

// Of one response; the rest of its frame is a few bytes.
inline constexpr size_t kResponseBytesMax = (1 << 20) - 1024;

// Where a list goes on in the next page or part. What still comes on top of it
// is one entry, which is a few kilobytes.
inline constexpr size_t kPartBytes = 768 << 10;

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_LIMITS_H_
