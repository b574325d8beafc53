// A small generator whose whole state is one number, so that it can be written
// out and read back with the core's state (SplitMix64; Steele, Lea, Flood
// 2014). For jitter only.
#ifndef SUPERVISOR_CORE_RANDOM_H_
#define SUPERVISOR_CORE_RANDOM_H_

#include <cstdint>

namespace drover::core {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t state() const { return state_; }

  // Even over [-1, 1).
  double NextSigned() {
    constexpr double kScale = 1.0 / (uint64_t{1} << 52);
    return static_cast<double>(Next() >> 11) * kScale - 1.0;
  }

 private:
  uint64_t state_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_RANDOM_H_
