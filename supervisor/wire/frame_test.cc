#include "supervisor/wire/frame.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace drover::wire {
namespace {

std::string Frame(absl::string_view body) {
  std::string out;
  EXPECT_TRUE(AppendFrame(body, kWorkerFrameMax, &out).ok());
  return out;
}

// Takes every complete frame out.
std::vector<std::string> Drain(FrameReader& reader) {
  std::vector<std::string> bodies;
  while (true) {
    auto next = reader.Next();
    EXPECT_TRUE(next.ok()) << next.status();
    if (!next.ok() || !next->has_value()) return bodies;
    bodies.emplace_back((*next)->data(), (*next)->size());
  }
}

TEST(FrameTest, LengthIsBigEndian) {
  EXPECT_EQ(Frame("ab"), std::string("\0\0\0\2ab", 6));
}

TEST(FrameTest, EmptyAndOversizeBodiesAreRefusedAndAppendNothing) {
  std::string out = "x";
  EXPECT_FALSE(AppendFrame("", 10, &out).ok());
  EXPECT_FALSE(AppendFrame("01234567890", 10, &out).ok());
  EXPECT_EQ(out, "x");
}

TEST(FrameReaderTest, EverySegmentationGivesTheSameFrames) {
  const std::string stream = Frame("one") + Frame("22") + Frame("three");
  for (size_t first = 0; first <= stream.size(); ++first) {
    for (size_t second = first; second <= stream.size(); ++second) {
      FrameReader reader(kWorkerFrameMax);
      std::vector<std::string> bodies;
      for (auto part :
           {stream.substr(0, first), stream.substr(first, second - first),
            stream.substr(second)}) {
        reader.Append(part);
        for (auto& body : Drain(reader)) bodies.push_back(body);
      }
      EXPECT_EQ(bodies, (std::vector<std::string>{"one", "22", "three"}));
      EXPECT_FALSE(reader.mid_frame());
    }
  }
}

TEST(FrameReaderTest, LargestFrameIsAccepted) {
  FrameReader reader(kWorkerFrameMax);
  reader.Append(Frame(std::string(kWorkerFrameMax, 'x')));
  EXPECT_EQ(Drain(reader).at(0).size(), kWorkerFrameMax);
}

TEST(FrameReaderTest, ZeroOversizeAndGarbageAreRefusedAtTheFourthByte) {
  for (absl::string_view header :
       {absl::string_view("\0\0\0\0", 4), absl::string_view("\0\1\0\1", 4),
        absl::string_view("GET "), absl::string_view("\x16\x03\x01\x02")}) {
    FrameReader reader(kWorkerFrameMax);
    reader.Append(header.substr(0, 3));
    auto early = reader.Next();
    ASSERT_TRUE(early.ok());
    reader.Append(header.substr(3));
    EXPECT_FALSE(reader.Next().ok());
    // No way on, whatever follows.
    reader.Append(Frame("late"));
    EXPECT_FALSE(reader.Next().ok());
  }
}

TEST(FrameReaderTest, EndInsideAFrameIsVisible) {
  FrameReader reader(kWorkerFrameMax);
  reader.Append(Frame("whole") + Frame("cut").substr(0, 5));
  EXPECT_EQ(Drain(reader), std::vector<std::string>{"whole"});
  EXPECT_TRUE(reader.mid_frame());
}

}  // namespace
}  // namespace drover::wire
