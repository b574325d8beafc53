#include "conformance/wire/raw.h"

#include "absl/strings/str_cat.h"

namespace drover::conformance::raw {
namespace {

enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kBegin = 3, kEnd = 4 };
constexpr int kFixed32 = 5;

std::string Key(uint32_t number, int type) {
  return Varint(uint64_t{number} << 3 | static_cast<uint64_t>(type));
}

std::string LittleEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) {
    text.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  }
  return text;
}

}  // namespace

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) {
    bytes.push_back(static_cast<char>(value | 128));
  }
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

std::string VarintField(uint32_t number, uint64_t value) {
  return absl::StrCat(Key(number, kVarint), Varint(value));
}

std::string BytesField(uint32_t number, absl::string_view value) {
  return absl::StrCat(Key(number, kBytes), Varint(value.size()), value);
}

std::string Fixed32Field(uint32_t number, uint32_t value) {
  return absl::StrCat(Key(number, kFixed32), LittleEndian(value, 4));
}

std::string Fixed64Field(uint32_t number, uint64_t value) {
  return absl::StrCat(Key(number, kFixed64), LittleEndian(value, 8));
}

std::string Group(uint32_t number, absl::string_view content) {
  return absl::StrCat(Key(number, kBegin), content, Key(number, kEnd));
}

}  // namespace drover::conformance::raw
