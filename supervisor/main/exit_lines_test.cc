#include "supervisor/main/exit_lines.h"

#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr absl::Time kNow = absl::UnixEpoch();

TEST(ExitLinesTest, AFewAreToldOneByOne) {
  ExitLines lines;
  for (uint32_t i = 0; i < ExitLines::kToldMax; ++i) {
    EXPECT_TRUE(lines.Take("web", kNow));
  }
  EXPECT_EQ(lines.Omitted("web"), "");
}

TEST(ExitLinesTest, AStormIsOneSentence) {
  ExitLines lines;
  int told = 0;
  for (int i = 0; i < 1000; ++i) told += lines.Take("web", kNow) ? 1 : 0;
  EXPECT_EQ(told, 10);
  EXPECT_EQ(lines.Omitted("web"),
            "pool web: 990 more ends that nobody asked for; see: drover status "
            "web");
  EXPECT_EQ(lines.Omitted("web"), "");
}

TEST(ExitLinesTest, AnotherSecondAndAnotherPoolAreToldAgain) {
  ExitLines lines;
  for (int i = 0; i < 50; ++i) lines.Take("web", kNow);
  EXPECT_TRUE(lines.Take("api", kNow));
  EXPECT_FALSE(lines.Take("web", kNow + absl::Milliseconds(999)));
  EXPECT_TRUE(lines.Take("web", kNow + absl::Seconds(1)));
}

}  // namespace
}  // namespace drover
