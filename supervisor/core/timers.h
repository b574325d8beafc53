// One deadline for each of many owners, the earliest first.
#ifndef SUPERVISOR_CORE_TIMERS_H_
#define SUPERVISOR_CORE_TIMERS_H_

#include <cstdint>
#include <optional>

#include "absl/container/btree_set.h"
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
};

class Timers;

// An owner's deadline, kept where the owner is: whoever moves it has it at hand
// and looks nothing up. When the owner goes, so does the deadline.
class Timer {
 public:
  explicit Timer(TimerKey key) : key_(key) {}
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  friend class Timers;

  const TimerKey key_;
  // Where it waits, and until when; nullptr if there is no deadline.
  Timers* timers_ = nullptr;
  absl::Time deadline_;
};

// Outlives the timers that are set in it.
class Timers {
 public:
  Timers() = default;
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // InfiniteFuture takes the deadline away.
  void Set(Timer& timer, absl::Time deadline);

  // InfiniteFuture if there is none.
  absl::Time Next() const {
    return order_.empty() ? absl::InfiniteFuture() : order_.begin()->deadline;
  }

  // Takes out a deadline that has come, the earliest first, and says whose it
  // was.
  std::optional<TimerKey> PopDue(absl::Time now);

 private:
  friend class Timer;

  struct Entry {
    absl::Time deadline;
    Timer* timer = nullptr;
    // At the same time the order is that of the keys: the same in every run.
    bool operator<(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline
                                        : timer->key_ < other.timer->key_;
    }
  };

  void Remove(Timer& timer);

  absl::btree_set<Entry> order_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TIMERS_H_
