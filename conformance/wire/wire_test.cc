#include <string>
#include <vector>

#include "conformance/wire/describe.h"
#include "conformance/wire/frame.h"
#include "conformance/wire/raw.h"
#include "conformance/wire/text.h"
#include "gtest/gtest.h"

namespace drover::conformance {
namespace {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

TEST(FrameCutterTest, AnySegmentation) {
  std::string stream = Framed("one") + Framed("two");
  FrameCutter cutter;
  std::vector<std::string> found;
  for (char c : stream) {
    cutter.Append(absl::string_view(&c, 1));
    while (auto frame = cutter.Next()) found.push_back(*frame);
  }
  EXPECT_EQ(found, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(cutter.rest(), 0u);
}

TEST(FrameCutterTest, ABadLengthIsSeenWithItsHeaderAndIsTheEnd) {
  for (uint32_t length : {0u, 65537u, 0xffffffffu}) {
    FrameCutter cutter;
    cutter.Append(Header(length) + Framed("behind"));
    EXPECT_EQ(cutter.Next(), std::nullopt);
    EXPECT_EQ(cutter.bad_length(), length);
    EXPECT_EQ(cutter.Next(), std::nullopt);
  }
}

TEST(FrameCutterTest, TheLargest) {
  FrameCutter cutter;
  cutter.Append(Framed(std::string(kFrameMax, 'x')));
  ASSERT_TRUE(cutter.Next());
}

TEST(RawTest, IsWhatTheGeneratedCodeReads) {
  ToWorker frame;
  ASSERT_TRUE(frame.ParseFromString(
      raw::VarintField(1, 300) + raw::Fixed32Field(500, 7) +
      raw::Fixed64Field(501, 7) + raw::Group(502, raw::VarintField(1, 1)) +
      raw::BytesField(14, raw::VarintField(1, uint64_t{1} << 63))));
  EXPECT_EQ(frame.op(), 300u);
  EXPECT_EQ(frame.ping().id(), uint64_t{1} << 63);
}

TEST(PrintableTest, WhatATerminalWouldActUponIsEscaped) {
  EXPECT_EQ(Printable("a\x1b[31m"), "a\\x1b[31m");
  EXPECT_EQ(Printable("\xc3\xa9t\xc3\xa9\n"), "\xc3\xa9t\xc3\xa9\n");
  EXPECT_EQ(Printable("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(Printable("\xc3"), "\\xc3");
  EXPECT_EQ(Printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(Printable("abcdef", 3), "abc... (3 more bytes)");
}

TEST(CutCodePointTest, TheBorder) {
  EXPECT_EQ(CutCodePoint("abc"), 0u);
  EXPECT_EQ(CutCodePoint("\xc3\xa9"), 0u);
  EXPECT_EQ(CutCodePoint("a\xc3"), 1u);
  EXPECT_EQ(CutCodePoint("a\xf0\x9f\x98"), 3u);
  EXPECT_EQ(CutCodePoint("a\xf0\x9f\x98\x80"), 0u);
  EXPECT_EQ(CutCodePoint(""), 0u);
}

TEST(DescribeTest, OneLine) {
  ToWorker start;
  start.set_op(1);
  start.mutable_start()->set_deadline_ms(500);
  EXPECT_EQ(Describe(start), "Start{deadline_ms: 500} op 1");
  ToSupervisor started;
  started.set_re(1);
  started.mutable_state()->set_state(worker::v1::STATE_STARTED);
  started.mutable_state()->set_text("\x1b!");
  EXPECT_EQ(Describe(started), "STARTED text \"\\x1b!\" re 1");
  EXPECT_EQ(Describe(ToSupervisor()), "unknown body");
  EXPECT_EQ(StateName(99), "99");
}

}  // namespace
}  // namespace drover::conformance
