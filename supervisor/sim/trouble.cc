#include "supervisor/sim/trouble.h"

#include "absl/strings/str_format.h"

namespace drover::sim {

absl::string_view Name(Trouble trouble) {
  static constexpr std::array<absl::string_view, kTroubleCount> kNames = {
      "crash",
      "exit code",
      "exit zero",
      "hang",
      "deadlock",
      "freeze",
      "slow",
      "garbage",
      "no message",
      "wrong message",
      "unknown message",
      "early end",
      "flood",
      "fails",
      "last words",
      "protocol error",
      "refuses",
      "stale",
      "terminated",
      "wrong version",
      "bad generation",
      "uninterruptible",
      "spawn fails",
      "spawn late",
      "partial frame",
      "reordered",
      "read dry",
      "queue full",
      "paused",
      "late timer",
      "cancelled",
      "refused",
      "decided",
      "shutdown",
      "read back"};
  return kNames[static_cast<size_t>(trouble)];
}

void Tally::Add(const Tally& other) {
  for (size_t i = 0; i < kTroubleCount; ++i) counts_[i] += other.counts_[i];
}

std::string Tally::ToString() const {
  std::string out;
  for (size_t i = 0; i < kTroubleCount; ++i) {
    absl::StrAppendFormat(&out, "%-16s %d\n", Name(static_cast<Trouble>(i)),
                          counts_[i]);
  }
  return out;
}

}  // namespace drover::sim
