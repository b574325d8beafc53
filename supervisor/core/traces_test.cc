// The stories in testdata/, each played and compared line by line.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/core/testing/stories.h"
#include "supervisor/core/testing/trace.h"

namespace drover::core {
namespace {

using ::testing::HasSubstr;

class TracesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(TracesTest, GoesAsItIsTold) {
  const std::string file = StoryFile(GetParam());
  const std::string text = ReadStory(GetParam());
  auto played = PlayTrace(file, text);
  ASSERT_TRUE(played.ok()) << played.status().message();
  EXPECT_EQ(CompareTraces(file, text, *played), "")
      << "if it is better so: bazel run //supervisor/core:trace -- --rewrite "
      << file;
}

INSTANTIATE_TEST_SUITE_P(Stories, TracesTest, ::testing::ValuesIn(Stories()),
                         [](const auto& story) { return story.param; });

TEST(TraceTest, ThereIsAStoryForEveryPolicy) {
  EXPECT_GE(Stories().size(), 40u);
}

// What cannot be played is named by file and line.
TEST(TraceTest, SaysWhereItCannotBePlayed) {
  struct Case {
    const char* text;
    const char* says;
  };
  for (const Case& bad : {
           Case{"pool web\n\njump web\n", "a.trace:3: not understood: jump"},
           Case{"pool web count=many\n", "a.trace:1: \"many\" is no value"},
           Case{"pool web restart.size=1\n", "a.trace:1: no field size"},
           Case{"pool web\napply add web\n3 spawned\n",
                "a.trace:3: nobody asked for process 3"},
           Case{"pool web\napply add web\n1 says nonsense\n",
                "a.trace:3: a worker says nothing like \"nonsense\""},
           Case{"# fine\nwait long\n", "a.trace:2: \"long\" is no duration"},
           Case{"apply add web\n", "a.trace:1: no line says what pool web is"},
           Case{"decide web/0 perhaps\n", "a.trace:1: \"perhaps\""},
       }) {
    auto played = PlayTrace("a.trace", bad.text);
    ASSERT_FALSE(played.ok()) << bad.text;
    EXPECT_THAT(std::string(played.status().message()), HasSubstr(bad.says));
  }
}

TEST(TraceTest, NamesTheFirstLineThatDiffers) {
  EXPECT_EQ(CompareTraces("a.trace", "one\n  two\n", "one\n  2\n"),
            "a.trace:2\n  expected:   two\n  actual:     2");
  EXPECT_EQ(CompareTraces("a.trace", "one\n", "one\n"), "");
}

}  // namespace
}  // namespace drover::core
