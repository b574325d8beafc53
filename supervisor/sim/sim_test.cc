// Thousands of runs, a seed each. A failure prints how it came to it and the
// line that shows it again.
#include <cstdint>

#include "gtest/gtest.h"
#include "supervisor/sim/report.h"
#include "supervisor/sim/simulation.h"
#include "supervisor/sim/trouble.h"

namespace drover::sim {
namespace {

constexpr uint64_t kSeeds = 2000;
constexpr uint64_t kSeedsInBlock = 100;
constexpr uint64_t kSteps = 2000;

// What has been seen by then of every kind of trouble.
constexpr uint64_t kBlocksForAllTroubles = 5;

class SimTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  // No trouble is in the list for show.
  static void TearDownTestSuite() {
    if (blocks_ < kBlocksForAllTroubles) return;
    for (size_t i = 0; i < kTroubleCount; ++i) {
      const auto trouble = static_cast<Trouble>(i);
      EXPECT_GT(tally_.of(trouble), 0u) << Name(trouble) << " never came";
    }
  }

  // Over all blocks of this process.
  static inline Tally tally_;
  static inline uint64_t blocks_ = 0;
};

TEST_P(SimTest, HoldsWhatItPromisesUnderAllTroubles) {
  for (uint64_t i = 0; i < kSeedsInBlock; ++i) {
    RunOptions options;
    options.seed = GetParam() * kSeedsInBlock + i;
    options.steps = kSteps;
    const Result result = drover::sim::Run(options);
    ASSERT_FALSE(result.violation) << Report(options, *result.violation);
    EXPECT_GE(result.steps, kSteps);
    tally_.Add(result.tally);
  }
  ++blocks_;
}

INSTANTIATE_TEST_SUITE_P(Blocks, SimTest,
                         ::testing::Range(uint64_t{0}, kSeeds / kSeedsInBlock));

// Otherwise no line would reproduce anything.
TEST(SeedTest, DecidesEverything) {
  auto history = [](uint64_t seed) {
    std::string lines;
    RunOptions options;
    options.seed = seed;
    options.log = [&](const std::string& line) { lines += line + "\n"; };
    drover::sim::Run(options);
    return lines;
  };
  EXPECT_EQ(history(7), history(7));
  EXPECT_NE(history(7), history(8));
}

}  // namespace
}  // namespace drover::sim
