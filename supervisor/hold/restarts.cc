#include "supervisor/hold/restarts.h"

#include <algorithm>

namespace drover::hold {

Restarts::Milliseconds Restarts::Next(Milliseconds lived) {
  if (lived >= healthy_) in_a_row_ = 0;
  ++in_a_row_;
  if (in_a_row_ == 1) return Milliseconds(0);
  // No further than it takes to be beyond the most.
  const int doublings = std::min(in_a_row_ - 2, 20);
  return std::min(kFirst * (1 << doublings), kMost);
}

}  // namespace drover::hold
