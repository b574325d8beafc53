// What will happen, in the order of time; chance decides between things of the
// same moment.
#ifndef SUPERVISOR_SIM_AGENDA_H_
#define SUPERVISOR_SIM_AGENDA_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/time/time.h"
#include "supervisor/sim/chance.h"

namespace drover::sim {

class Agenda {
 public:
  using Deed = std::function<void()>;

  explicit Agenda(Chance& chance) : chance_(chance) {}

  void At(absl::Time time, Deed deed) {
    deeds_.emplace(Key{time, chance_.Number()}, std::move(deed));
  }

  // InfiniteFuture if nothing will happen.
  absl::Time Next() const {
    return deeds_.empty() ? absl::InfiniteFuture()
                          : deeds_.begin()->first.first;
  }

  // Requires: not empty.
  Deed Pop() {
    Deed deed = std::move(deeds_.begin()->second);
    deeds_.erase(deeds_.begin());
    return deed;
  }

  // What was due before `time` comes at that time instead, in any order.
  void Delay(absl::Time time) {
    while (Next() < time) At(time, Pop());
  }

  void Clear() { deeds_.clear(); }

 private:
  using Key = std::pair<absl::Time, uint64_t>;

  Chance& chance_;
  std::multimap<Key, Deed> deeds_;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_AGENDA_H_
