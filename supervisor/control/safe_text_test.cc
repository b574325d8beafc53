#include "supervisor/control/safe_text.h"

#include <string>

#include "gtest/gtest.h"

namespace drover::control {
namespace {

TEST(SafeTextTest, ShortTextsAreWhole) {
  EXPECT_EQ(SafeText("", 4), "");
  EXPECT_EQ(SafeText("four", 4), "four");
}

TEST(SafeTextTest, LongTextsAreCut) {
  EXPECT_EQ(SafeText("longer", 4), "long...");
  EXPECT_EQ(SafeText("longer", 0), "...");
}

TEST(SafeTextTest, NoCharacterIsCut) {
  EXPECT_EQ(SafeText("ab\u00e9", 3), "ab...");
  EXPECT_EQ(SafeText("ab\u00e9", 4), "ab\u00e9");
}

TEST(SafeTextTest, EscapesCountAsTheyAreShown) {
  EXPECT_EQ(SafeText("\x1b", 4), "\\x1B");
  std::string shown = SafeText(std::string(100, '\x1b'), 100);
  EXPECT_LE(shown.size(), 103u);
}

// All of it continuation bytes: nothing to hold on to.
TEST(SafeTextTest, GarbageIsCutToo) {
  EXPECT_EQ(SafeText(std::string(100, '\x80'), 10), "...");
}

}  // namespace
}  // namespace drover::control
