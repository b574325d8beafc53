#include "supervisor/core/backoff.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace drover::core {
namespace {

BackoffSettings Settings(double jitter) {
  return {.initial = absl::Milliseconds(100),
          .max = absl::Seconds(1),
          .factor = 2,
          .jitter = jitter,
          .reset_after = absl::Seconds(10)};
}

TEST(BackoffTest, GrowsToItsCapAndBeginsAgainAfterAHealthyTime) {
  Backoff backoff;
  Random random(1);
  BackoffSettings settings = Settings(0);
  absl::Duration sick = absl::ZeroDuration();
  for (int expected : {100, 200, 400, 800, 1000, 1000}) {
    EXPECT_EQ(backoff.Next(settings, sick, random),
              absl::Milliseconds(expected));
  }
  EXPECT_EQ(backoff.Next(settings, absl::Seconds(9), random), absl::Seconds(1));
  EXPECT_EQ(backoff.Next(settings, absl::Seconds(10), random),
            absl::Milliseconds(100));
}

TEST(BackoffTest, JitterStaysInItsBandAndIsUsed) {
  Random random(7);
  BackoffSettings settings = Settings(0.1);
  absl::Duration least = absl::InfiniteDuration();
  absl::Duration most;
  for (int i = 0; i < 1000; ++i) {
    Backoff backoff;
    absl::Duration wait = backoff.Next(settings, absl::ZeroDuration(), random);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GE(least, absl::Milliseconds(90));
  EXPECT_LE(most, absl::Milliseconds(110));
  EXPECT_LT(least, absl::Milliseconds(92));
  EXPECT_GT(most, absl::Milliseconds(108));
}

TEST(IntensityTest, AllowsSoManyInAWindowThatSlides) {
  Intensity intensity;
  absl::Time start = absl::UnixEpoch();
  auto allow = [&](int second) {
    return intensity.Allow(2, absl::Seconds(10), start + absl::Seconds(second));
  };
  EXPECT_TRUE(allow(0));
  EXPECT_TRUE(allow(1));
  EXPECT_FALSE(allow(2));
  EXPECT_TRUE(allow(12));
  intensity.Reset();
  EXPECT_TRUE(allow(12));
}

TEST(IntensityTest, ZeroAllowsNone) {
  Intensity intensity;
  EXPECT_FALSE(intensity.Allow(0, absl::Seconds(10), absl::UnixEpoch()));
}

}  // namespace
}  // namespace drover::core
