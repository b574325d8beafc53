#include "conformance/spec/clauses.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace drover::conformance {
namespace {

TEST(ClausesTest, AClauseIsFoundWithItsSentence) {
  const Clause* clause = FindClause("DRV-FRAME-4");
  ASSERT_NE(clause, nullptr);
  EXPECT_EQ(clause->level, Level::kMust);
  EXPECT_EQ(clause->side, Side::kBoth);
  EXPECT_EQ(clause->chapter(), "FRAME");
  EXPECT_NE(absl::string_view(clause->text).find("FRAME_SIZE"),
            absl::string_view::npos);
}

TEST(ClausesTest, AnUnknownOneIsNot) {
  EXPECT_EQ(FindClause("DRV-FRAME-999"), nullptr);
  EXPECT_EQ(FindClause(""), nullptr);
}

TEST(ClausesTest, AllLevelsAreThere) {
  for (Level level : {Level::kMust, Level::kShould, Level::kMay}) {
    EXPECT_TRUE(std::any_of(
        Clauses().begin(), Clauses().end(),
        [level](const Clause& clause) { return clause.level == level; }))
        << LevelName(level);
  }
}

}  // namespace
}  // namespace drover::conformance
