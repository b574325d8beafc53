// Whose turn it is to start: a bound on how many workers, over all pools, are
// on their way to STARTED at once.
#ifndef SUPERVISOR_CORE_START_QUEUE_H_
#define SUPERVISOR_CORE_START_QUEUE_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/btree_set.h"
#include "supervisor/core/fault.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/state.h"

namespace drover::core {

// A slot that wants a process. Whether it still does is for the pool to say
// when the turn comes: entries are never taken back.
struct StartTurn {
  uint32_t pool = 0;
  uint32_t slot = 0;
  WorkerRole role = WorkerRole::kIncumbent;

  friend auto operator<=>(const StartTurn&, const StartTurn&) = default;
};

class StartQueue {
 public:
  explicit StartQueue(uint32_t max_parallel) : max_parallel_(max_parallel) {}

  // One that waits already keeps its place.
  void Enqueue(StartTurn turn) {
    if (queued_.insert(turn).second) waiting_.push_back(turn);
  }

  // The next turn, if the bound allows one more.
  std::optional<StartTurn> Pop() {
    const bool full = under_way_.size() >= max_parallel_;
    if (waiting_.empty() || (full && !DROVER_FAULT(kStartsUnbounded))) {
      return std::nullopt;
    }
    StartTurn turn = waiting_.front();
    waiting_.pop_front();
    queued_.erase(turn);
    return turn;
  }

  // The process is on its way ...
  void Begin(Incarnation incarnation) { under_way_.insert(incarnation); }
  // ... and arrived, or never will. May be said more than once.
  void Finish(Incarnation incarnation) { under_way_.erase(incarnation); }

  const std::deque<StartTurn>& waiting() const { return waiting_; }
  const absl::btree_set<Incarnation>& under_way() const { return under_way_; }

 private:
  uint32_t max_parallel_;
  std::deque<StartTurn> waiting_;
  absl::btree_set<StartTurn> queued_;
  absl::btree_set<Incarnation> under_way_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_START_QUEUE_H_
