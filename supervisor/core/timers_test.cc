#include "supervisor/core/timers.h"

#include "gtest/gtest.h"

namespace drover::core {
namespace {

absl::Time At(int seconds) { return absl::FromUnixSeconds(seconds); }

TEST(TimersTest, TheEarliestComesFirstAndOnlyWhenDue) {
  Timers timers;
  timers.Set(TimerKey::Worker(1), At(30));
  timers.Set(TimerKey::Slot(1, 2), At(10));
  EXPECT_EQ(timers.Next(), At(10));
  EXPECT_FALSE(timers.PopDue(At(9)).has_value());
  EXPECT_EQ(timers.PopDue(At(40)), TimerKey::Slot(1, 2));
  EXPECT_EQ(timers.PopDue(At(40)), TimerKey::Worker(1));
  EXPECT_EQ(timers.Next(), absl::InfiniteFuture());
}

TEST(TimersTest, AnOwnerHasOneDeadline) {
  Timers timers;
  timers.Set(TimerKey::Worker(1), At(30));
  timers.Set(TimerKey::Worker(1), At(50));
  EXPECT_EQ(timers.Next(), At(50));
  timers.Set(TimerKey::Worker(1), absl::InfiniteFuture());
  EXPECT_EQ(timers.Next(), absl::InfiniteFuture());
  // Taking away what is not there is nothing.
  timers.Set(TimerKey::Worker(1), absl::InfiniteFuture());
  EXPECT_FALSE(timers.PopDue(absl::InfiniteFuture()).has_value());
}

}  // namespace
}  // namespace drover::core
