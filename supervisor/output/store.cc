#include "supervisor/output/store.h"

#include <algorithm>

namespace drover::output {
namespace {

bool Matches(const std::pair<std::string, uint32_t>& key,
             absl::string_view pool, std::optional<uint32_t> slot) {
  return (pool.empty() || key.first == pool) &&
         (!slot.has_value() || key.second == *slot);
}

}  // namespace

void Store::Append(Line line) {
  for (const auto& [id, listener] : listeners_) listener(line);
  Slot& slot = slots_[{line.pool, line.slot}];
  slot.bytes += line.text.size();
  slot.lines.push_back(std::move(line));
  while (slot.lines.size() > kLinesPerSlot ||
         (slot.bytes > kBytesPerSlot && slot.lines.size() > 1)) {
    slot.bytes -= slot.lines.front().text.size();
    slot.lines.pop_front();
  }
}

std::vector<Line> Store::Tail(absl::string_view pool,
                              std::optional<uint32_t> slot,
                              size_t limit) const {
  std::vector<Line> tail;
  for (const auto& [key, kept] : slots_) {
    if (!Matches(key, pool, slot)) continue;
    size_t count = std::min(limit, kept.lines.size());
    tail.insert(tail.end(), kept.lines.end() - static_cast<ptrdiff_t>(count),
                kept.lines.end());
  }
  std::stable_sort(tail.begin(), tail.end(), [](const Line& a, const Line& b) {
    return a.time < b.time;
  });
  return tail;
}

std::vector<std::string> Store::LastWords(absl::string_view pool, uint32_t slot,
                                          uint64_t incarnation,
                                          size_t limit) const {
  std::vector<std::string> words;
  auto found = slots_.find({std::string(pool), slot});
  if (found == slots_.end()) return words;
  const std::deque<Line>& lines = found->second.lines;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (words.size() == limit) break;
    if (line->incarnation == incarnation) words.push_back(line->text);
  }
  std::reverse(words.begin(), words.end());
  return words;
}

Store::Subscription Store::Subscribe(Listener listener) {
  Subscription id = next_subscription_++;
  listeners_.emplace(id, std::move(listener));
  return id;
}

void Store::Unsubscribe(Subscription subscription) {
  listeners_.erase(subscription);
}

void Store::Forget(absl::string_view pool, uint32_t first_slot) {
  auto begin = slots_.lower_bound({std::string(pool), first_slot});
  auto end = begin;
  while (end != slots_.end() && end->first.first == pool) ++end;
  slots_.erase(begin, end);
}

}  // namespace drover::output
