#include "supervisor/control/event_log.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::control {

void EventLog::Append(std::string pool, admin::v1::Event event) {
  event.set_token(TokenBefore(next() + 1));
  events_.push_back({std::move(pool), std::move(event)});
  if (events_.size() > kKept) {
    events_.pop_front();
    ++first_;
  }
}

std::string EventLog::TokenBefore(uint64_t number) const {
  return absl::StrCat(session_, ".", number - 1);
}

std::optional<uint64_t> EventLog::After(absl::string_view token) const {
  std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  uint64_t number = 0;
  if (parts.size() != 2 || parts[0] != session_ ||
      !absl::SimpleAtoi(parts[1], &number)) {
    return std::nullopt;
  }
  uint64_t wanted = number + 1;
  if (wanted < first_ || wanted > next()) return std::nullopt;
  return wanted;
}

}  // namespace drover::control
