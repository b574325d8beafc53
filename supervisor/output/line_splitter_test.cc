#include "supervisor/output/line_splitter.h"

#include <vector>

#include "gtest/gtest.h"

namespace drover::output {
namespace {

std::vector<std::string> Split(const std::vector<std::string>& portions,
                               size_t max_bytes) {
  LineSplitter splitter(max_bytes);
  std::vector<std::string> lines;
  auto sink = [&lines](absl::string_view line) { lines.emplace_back(line); };
  for (const std::string& portion : portions) splitter.Append(portion, sink);
  splitter.Finish(sink);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineSplitterTest, EverySegmentationGivesTheSameLines) {
  const std::string text = "one\n\ntwo\nlast";
  for (size_t at = 0; at <= text.size(); ++at) {
    EXPECT_EQ(Split({text.substr(0, at), text.substr(at)}, 100),
              (Lines{"one", "", "two", "last"}));
  }
}

TEST(LineSplitterTest, LongLinesAreCutInPieces) {
  for (size_t at = 0; at <= 10; ++at) {
    const std::string text = "0123456789";
    EXPECT_EQ(Split({text.substr(0, at), text.substr(at), "\n"}, 4),
              (Lines{"0123", "4567", "89"}));
  }
}

TEST(LineSplitterTest, LineOfExactlyTheLimitIsOneLine) {
  EXPECT_EQ(Split({"0123\n", "4567", "\nx\n"}, 4),
            (Lines{"0123", "4567", "x"}));
}

TEST(LineSplitterTest, EmptyLineBehindACutLineStays) {
  EXPECT_EQ(Split({"0123", "\n\nx"}, 4), (Lines{"0123", "", "x"}));
}

TEST(LineSplitterTest, FinishOfNothingSaysNothing) {
  EXPECT_EQ(Split({"one\n"}, 4), (Lines{"one"}));
  EXPECT_EQ(Split({}, 4), (Lines{}));
}

TEST(LineSplitterTest, BytesPassUnchanged) {
  const std::string odd("\0\x80\xff\r", 4);
  EXPECT_EQ(Split({odd + "\n"}, 100), (Lines{odd}));
}

}  // namespace
}  // namespace drover::output
