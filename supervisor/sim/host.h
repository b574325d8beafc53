// What a fake process finds around it.
#ifndef SUPERVISOR_SIM_HOST_H_
#define SUPERVISOR_SIM_HOST_H_

#include "absl/time/time.h"
#include "supervisor/core/ids.h"
#include "supervisor/sim/agenda.h"
#include "supervisor/sim/chance.h"
#include "supervisor/sim/trouble.h"

namespace drover::sim {

class Host {
 public:
  virtual ~Host() = default;

  virtual absl::Time now() const = 0;
  virtual Chance& chance() = 0;
  virtual Tally& tally() = 0;
  // What processes do, whatever the supervisor is doing meanwhile.
  virtual Agenda& nature() = 0;
  // Whether troubles may still befall somebody.
  virtual bool troubled() const = 0;

  // There is something to read, or the end of the channel.
  virtual void OnReadable(core::Incarnation process) = 0;
  virtual void OnDied(core::Incarnation process) = 0;
  virtual void OnStopped(core::Incarnation process) = 0;
  virtual void OnContinued(core::Incarnation process) = 0;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_HOST_H_
