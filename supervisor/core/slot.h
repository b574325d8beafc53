// A stable place in a pool, and the one mechanism that fills it: the
// replacement of its process, with an order and a cause.
#ifndef SUPERVISOR_CORE_SLOT_H_
#define SUPERVISOR_CORE_SLOT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "drover/worker/v1/worker.pb.h"
#include "supervisor/core/backoff.h"
#include "supervisor/core/failure.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/timers.h"
#include "supervisor/core/view.h"

namespace drover::core {

enum class Order { kStartFirst, kStopFirst };

// A replacement under way. Start first: a successor starts beside the
// incumbent, is promoted once it is ready, and the former incumbent goes out.
// Stop first: the incumbent, where there is one, goes, then a new one starts in
// its place.
struct Replacement {
  Order order = Order::kStartFirst;
  Generation generation = 0;
  worker::v1::Cause cause = worker::v1::CAUSE_UNSPECIFIED;
  std::string text;  // for the outgoing worker and the operator
  bool promoted = false;
  // The outgoing process is kept until the pool can do without it.
  bool held = false;
};

// What the pool's running operation waits for in a slot.
enum class Awaited {
  kNone,
  kStarted,
  kStopped,
  kGone,
  kReplaced,
  kReloaded,
};

struct Slot {
  Slot(uint32_t pool, uint32_t slot)
      : index(slot), timer(TimerKey::Slot(pool, slot)) {}

  const uint32_t index;
  // Processes; 0 where there is none.
  Incarnation incumbent = 0;
  Incarnation successor = 0;
  Incarnation outgoing = 0;
  std::optional<Replacement> replacement;
  // Of the next incumbent.
  Generation generation = 0;
  // Where there is no incumbent.
  VacancyKind vacancy = VacancyKind::kStopped;
  absl::Time vacant_since;
  Backoff backoff;
  // End of the backoff.
  absl::Time next_start = absl::InfiniteFuture();
  // The new process will have been STARTED for long enough.
  absl::Time ready_at = absl::InfiniteFuture();
  // Of ready_at.
  Timer timer;
  // On its way out of the pool.
  bool removing = false;
  // The process that asked to quit without a replacement; 0 if none has.
  Incarnation leaving = 0;
  Awaited awaited = Awaited::kNone;
  // ... by the pool's scale, not by what else runs on it.
  bool awaited_by_scale = false;
  uint32_t rollback_failures = 0;
  uint32_t restarts = 0;
  std::shared_ptr<const Exit> last_exit;
  // How long the process behind it had been STARTED.
  absl::Duration last_healthy;

  // A start-first replacement before its promotion.
  bool awaits_successor() const {
    return replacement && replacement->order == Order::kStartFirst &&
           !replacement->promoted;
  }
  bool has_process() const {
    return incumbent != 0 || successor != 0 || outgoing != 0;
  }
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_SLOT_H_
