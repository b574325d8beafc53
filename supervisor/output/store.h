// What workers wrote, by line: the last lines of each slot, and whoever wants
// to hear new ones. Pure memory; reading pipes and writing files is the
// shell's. Lines are kept as the worker wrote them; who shows them sanitises
// them (sanitize.h). Not thread-safe.
#ifndef SUPERVISOR_OUTPUT_STORE_H_
#define SUPERVISOR_OUTPUT_STORE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace drover::output {

enum class Stream { kStdout, kStderr };

struct Line {
  std::string pool;
  uint32_t slot = 0;
  uint64_t generation = 0;
  uint64_t incarnation = 0;
  Stream stream = Stream::kStdout;
  // Wall clock.
  absl::Time time;
  // Without the newline; cut at the pool's line_max_bytes.
  std::string text;
};

class Store {
 public:
  // Kept for each slot, over incarnations; whichever limit is hit first.
  static constexpr size_t kLinesPerSlot = 64;
  static constexpr size_t kBytesPerSlot = 16 * 1024;

  using Subscription = uint64_t;
  using Listener = std::function<void(const Line&)>;

  // Keeps the line and tells the subscribers.
  void Append(Line line);

  // The last `limit` lines of each slot that matches, in order of time. Empty
  // pool = all pools; no slot = all slots.
  std::vector<Line> Tail(absl::string_view pool, std::optional<uint32_t> slot,
                         size_t limit) const;

  // The last lines of one process, oldest first: for its exit report.
  std::vector<std::string> LastWords(absl::string_view pool, uint32_t slot,
                                     uint64_t incarnation, size_t limit) const;

  // Called for each line from now on, until Unsubscribe. The listener must not
  // call the store.
  Subscription Subscribe(Listener listener);
  void Unsubscribe(Subscription subscription);

  // Forgets the slots of a pool from `first_slot` on (scaled down, removed).
  void Forget(absl::string_view pool, uint32_t first_slot);

 private:
  struct Slot {
    std::deque<Line> lines;
    size_t bytes = 0;
  };

  std::map<std::pair<std::string, uint32_t>, Slot> slots_;
  std::map<Subscription, Listener> listeners_;
  Subscription next_subscription_ = 1;
};

}  // namespace drover::output

#endif  // SUPERVISOR_OUTPUT_STORE_H_
