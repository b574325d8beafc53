#include "supervisor/core/timers.h"

#include "gtest/gtest.h"

namespace drover::core {
namespace {

absl::Time At(int seconds) { return absl::FromUnixSeconds(seconds); }

TEST(TimersTest, TheEarliestComesFirstAndOnlyWhenDue) {
  Timers timers;
  Timer worker(TimerKey::Worker(1));
  Timer slot(TimerKey::Slot(1, 2));
  timers.Set(worker, At(30));
  timers.Set(slot, At(10));
  EXPECT_EQ(timers.Next(), At(10));
  EXPECT_FALSE(timers.PopDue(At(9)).has_value());
  EXPECT_EQ(timers.PopDue(At(40)), TimerKey::Slot(1, 2));
  EXPECT_EQ(timers.PopDue(At(40)), TimerKey::Worker(1));
  EXPECT_EQ(timers.Next(), absl::InfiniteFuture());
}

// In whatever order they were set: a run can be repeated.
TEST(TimersTest, AtTheSameTimeTheKeysDecide) {
  Timers timers;
  Timer second(TimerKey::Worker(2));
  Timer first(TimerKey::Worker(1));
  timers.Set(second, At(10));
  timers.Set(first, At(10));
  EXPECT_EQ(timers.PopDue(At(10)), TimerKey::Worker(1));
  EXPECT_EQ(timers.PopDue(At(10)), TimerKey::Worker(2));
}

TEST(TimersTest, AnOwnerHasOneDeadline) {
  Timers timers;
  Timer worker(TimerKey::Worker(1));
  timers.Set(worker, At(30));
  timers.Set(worker, At(50));
  EXPECT_EQ(timers.Next(), At(50));
  timers.Set(worker, absl::InfiniteFuture());
  EXPECT_EQ(timers.Next(), absl::InfiniteFuture());
  // Taking away what is not there is nothing.
  timers.Set(worker, absl::InfiniteFuture());
  EXPECT_FALSE(timers.PopDue(absl::InfiniteFuture()).has_value());
}

TEST(TimersTest, TheDeadlineGoesWithItsOwner) {
  Timers timers;
  {
    Timer worker(TimerKey::Worker(1));
    timers.Set(worker, At(30));
  }
  EXPECT_EQ(timers.Next(), absl::InfiniteFuture());
}

}  // namespace
}  // namespace drover::core
