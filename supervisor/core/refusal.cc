#include "supervisor/core/refusal.h"

#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::core {
namespace {

constexpr absl::string_view kUrl = "drover/refusal";

}  // namespace

absl::Status Refuse(absl::StatusCode code, absl::string_view message,
                    const Refusal& refusal) {
  absl::Status status(code, message);
  status.SetPayload(
      kUrl, absl::Cord(absl::StrCat(refusal.reason, "\n", refusal.field, "\n",
                                    refusal.remedy)));
  return status;
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  auto payload = status.GetPayload(kUrl);
  if (!payload.has_value()) return std::nullopt;
  std::vector<std::string> parts =
      absl::StrSplit(std::string(*payload), absl::MaxSplits('\n', 2));
  parts.resize(3);
  return Refusal{parts[0], parts[1], parts[2]};
}

}  // namespace drover::core
