// How long a supervisor that has crashed waits for its successor. Pure.
#ifndef SUPERVISOR_HOLD_RESTARTS_H_
#define SUPERVISOR_HOLD_RESTARTS_H_

#include <chrono>

namespace drover::hold {

class Restarts {
 public:
  using Milliseconds = std::chrono::milliseconds;

  // The first crash after so long in health is answered at once, as if it were
  // the first of all.
  static constexpr Milliseconds kHealthy{10000};
  static constexpr Milliseconds kFirst{100};
  static constexpr Milliseconds kMost{10000};

  explicit Restarts(Milliseconds healthy = kHealthy) : healthy_(healthy) {}

  // The wait for the next one, after one that ran for `lived`.
  Milliseconds Next(Milliseconds lived);

  int in_a_row() const { return in_a_row_; }

 private:
  Milliseconds healthy_;
  int in_a_row_ = 0;
};

}  // namespace drover::hold

#endif  // SUPERVISOR_HOLD_RESTARTS_H_
