#include "supervisor/output/sanitize.h"

#include "gtest/gtest.h"

namespace drover::output {
namespace {

TEST(SanitizeTest, PrintableTextStays) {
  EXPECT_EQ(Sanitize(""), "");
  EXPECT_EQ(Sanitize("plain\ttext \\ \"quoted\""), "plain\ttext \\ \"quoted\"");
  EXPECT_EQ(Sanitize("größe 漢字 🐑"), "größe 漢字 🐑");
}

TEST(SanitizeTest, ControlCharactersAreEscaped) {
  EXPECT_EQ(Sanitize("\x1b[31mred"), "\\x1B[31mred");
  EXPECT_EQ(Sanitize(absl::string_view("\0\r\n\x7f", 4)),
            "\\x00\\x0D\\x0A\\x7F");
  // U+009B is the one-character CSI.
  EXPECT_EQ(Sanitize("\xc2\x9b"), "\\u{009B}");
}

TEST(SanitizeTest, WhatTurnsTextAroundIsEscaped) {
  EXPECT_EQ(Sanitize("a\u202eb"), "a\\u{202E}b");
  EXPECT_EQ(Sanitize("\u2066\u200f\u061c"), "\\u{2066}\\u{200F}\\u{061C}");
  EXPECT_EQ(Sanitize("\u2028"), "\\u{2028}");
}

TEST(SanitizeTest, BytesThatAreNotUtf8AreEscapedOneByOne) {
  EXPECT_EQ(Sanitize("\xff"), "\\xFF");
  EXPECT_EQ(Sanitize("a\x80"
                     "b"),
            "a\\x80"
            "b");
  // Overlong '/', a surrogate, above U+10FFFF, cut at the end.
  EXPECT_EQ(Sanitize("\xc0\xaf"), "\\xC0\\xAF");
  EXPECT_EQ(Sanitize("\xe0\x80\xaf"), "\\xE0\\x80\\xAF");
  EXPECT_EQ(Sanitize("\xed\xa0\x80"), "\\xED\\xA0\\x80");
  EXPECT_EQ(Sanitize("\xf4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80");
  EXPECT_EQ(Sanitize("\xe6\xbc"), "\\xE6\\xBC");
}

TEST(SanitizeTest, EveryByteIsSafeAndBounded) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  std::string safe = Sanitize(all);
  EXPECT_LE(safe.size(), 8 * all.size());
  for (unsigned char c : safe) {
    EXPECT_TRUE(c == '\t' || (c >= 0x20 && c < 0x7f)) << int{c};
  }
  EXPECT_EQ(Sanitize(safe), safe);
}

}  // namespace
}  // namespace drover::output
