// One deadline for each of many owners, the earliest first.
#ifndef SUPERVISOR_CORE_TIMERS_H_
#define SUPERVISOR_CORE_TIMERS_H_

#include <cstdint>
#include <optional>
#include <tuple>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace drover::core {

// Whose deadline it is.
struct TimerKey {
  enum class Kind : uint8_t { kWorker, kSlot, kPool, kShutdown };

  Kind kind = Kind::kWorker;
  // The incarnation, or the pool's id.
  uint64_t owner = 0;
  uint32_t slot = 0;

  static TimerKey Worker(uint64_t incarnation) {
    return {Kind::kWorker, incarnation, 0};
  }
  static TimerKey Slot(uint64_t pool, uint32_t slot) {
    return {Kind::kSlot, pool, slot};
  }
  static TimerKey Pool(uint64_t pool) { return {Kind::kPool, pool, 0}; }
  static TimerKey Shutdown() { return {Kind::kShutdown, 0, 0}; }

  friend auto operator<=>(const TimerKey&, const TimerKey&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const TimerKey& key) {
    return H::combine(std::move(h), key.kind, key.owner, key.slot);
  }
};

class Timers {
 public:
  // InfiniteFuture takes the owner's deadline away.
  void Set(TimerKey key, absl::Time deadline);

  // InfiniteFuture if there is none.
  absl::Time Next() const;

  // Takes out an owner whose deadline has come; the earliest first.
  std::optional<TimerKey> PopDue(absl::Time now);

 private:
  absl::flat_hash_map<TimerKey, absl::Time> deadlines_;
  absl::btree_set<std::pair<absl::Time, TimerKey>> order_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TIMERS_H_
