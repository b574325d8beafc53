#include "supervisor/base/share.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace drover {
namespace {

constexpr uint32_t kNumberMax = 4096;
constexpr uint32_t kPercentMax = 100;

}  // namespace

std::optional<Share> ParseShare(absl::string_view text) {
  Share share;
  share.percent = absl::ConsumeSuffix(&text, "%");
  const bool digits =
      std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &share.number) ||
      share.number > (share.percent ? kPercentMax : kNumberMax)) {
    return std::nullopt;
  }
  return share;
}

uint32_t RoundedUp(const Share& share, uint32_t count) {
  if (!share.percent) return share.number;
  return static_cast<uint32_t>(
      (uint64_t{count} * share.number + kPercentMax - 1) / kPercentMax);
}

uint32_t RoundedDown(const Share& share, uint32_t count) {
  if (!share.percent) return share.number;
  return static_cast<uint32_t>(uint64_t{count} * share.number / kPercentMax);
}

}  // namespace drover
