// What is left to chance, decided by the seed alone.
#ifndef SUPERVISOR_SIM_CHANCE_H_
#define SUPERVISOR_SIM_CHANCE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "absl/time/time.h"
#include "supervisor/core/random.h"

namespace drover::sim {

class Chance {
 public:
  explicit Chance(uint64_t seed) : random_(seed) {}

  uint64_t Number() { return random_.Next(); }
  // 0..n-1
  uint64_t Below(uint64_t n) { return random_.Next() % n; }
  // low..high
  uint64_t Between(uint64_t low, uint64_t high) {
    return low + Below(high - low + 1);
  }
  // True once in n times.
  bool OneIn(uint64_t n) { return Below(n) == 0; }
  // True with this probability.
  bool Likely(double probability) {
    return static_cast<double>(random_.Next() >> 11) * 0x1p-53 < probability;
  }
  // Whole microseconds: what is drawn can be printed and written out exactly.
  absl::Duration Between(absl::Duration low, absl::Duration high) {
    return low +
           absl::Microseconds(static_cast<int64_t>(Below(
               static_cast<uint64_t>(absl::ToInt64Microseconds(high - low)) +
               1)));
  }
  template <typename T>
  T OneOf(std::initializer_list<T> choices) {
    return choices.begin()[Below(choices.size())];
  }

 private:
  core::Random random_;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_CHANCE_H_
