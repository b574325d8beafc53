#include "supervisor/cli/text.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "supervisor/output/sanitize.h"

namespace drover::cli {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Drawn over the character before: take no column.
constexpr Range kCombining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

// East Asian wide characters and emoji: take two.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

template <size_t kSize>
bool IsIn(uint32_t point, const Range (&ranges)[kSize]) {
  for (const Range& range : ranges) {
    if (point >= range.first && point <= range.last) return true;
  }
  return false;
}

int Columns(uint32_t point) {
  if (IsIn(point, kCombining)) return 0;
  return IsIn(point, kWide) ? 2 : 1;
}

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// Takes the first character off `text`, which is UTF-8 (Escape made it so).
absl::string_view TakeCharacter(absl::string_view* text) {
  size_t size = 1;
  while (size < text->size() && IsContinuation((*text)[size])) ++size;
  absl::string_view character = text->substr(0, size);
  text->remove_prefix(size);
  return character;
}

uint32_t CodePoint(absl::string_view character) {
  auto lead = static_cast<unsigned char>(character[0]);
  if (lead < 0x80) return lead;
  uint32_t point = lead & (0xffu >> (character.size() + 1));
  for (char byte : character.substr(1)) {
    point = point << 6 | (static_cast<unsigned char>(byte) & 0x3fu);
  }
  return point;
}

}  // namespace

std::string Escape(absl::string_view text) {
  // A tab would break columns.
  return absl::StrReplaceAll(output::Sanitize(text), {{"\t", "    "}});
}

int DisplayWidth(absl::string_view text) {
  int width = 0;
  while (!text.empty()) width += Columns(CodePoint(TakeCharacter(&text)));
  return width;
}

std::string Truncate(absl::string_view text, int width) {
  if (width <= 0 || DisplayWidth(text) <= width) return std::string(text);
  std::string out;
  int used = 0;
  while (!text.empty()) {
    absl::string_view character = TakeCharacter(&text);
    used += Columns(CodePoint(character));
    if (used > width - 1) break;
    absl::StrAppend(&out, character);
  }
  return absl::StrCat(out, "…");
}

absl::Duration ToDuration(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

absl::Time ToTime(const google::protobuf::Timestamp& proto) {
  return absl::FromUnixSeconds(proto.seconds()) +
         absl::Nanoseconds(proto.nanos());
}

std::string ShowDuration(absl::Duration duration) {
  int64_t ms = absl::ToInt64Milliseconds(duration);
  if (ms <= 0) return "0s";
  if (ms < 1000) return absl::StrFormat("%dms", ms);
  if (ms < 10000) return absl::StrFormat("%d.%ds", ms / 1000, ms / 100 % 10);
  int64_t s = ms / 1000;
  if (s < 60) return absl::StrFormat("%ds", s);
  if (s < 3600) return absl::StrFormat("%dm%02ds", s / 60, s % 60);
  if (s < 86400) return absl::StrFormat("%dh%02dm", s / 3600, s / 60 % 60);
  return absl::StrFormat("%dd%02dh", s / 86400, s / 3600 % 24);
}

std::string ShowClock(absl::Time time) {
  return absl::FormatTime("%H:%M:%E3S", time, absl::LocalTimeZone());
}

std::string ShowDate(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::LocalTimeZone());
}

}  // namespace drover::cli
