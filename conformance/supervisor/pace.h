// Times between what is seen of one worker, on a machine that may be busy.
#ifndef CONFORMANCE_SUPERVISOR_PACE_H_
#define CONFORMANCE_SUPERVISOR_PACE_H_

#include "absl/strings/string_view.h"
#include "conformance/supervisor/actor.h"
#include "conformance/trial/trial.h"

namespace drover::conformance {

// What was seen late makes what follows look early, so the time that the suite
// and the worker have waited for a processor is allowed for.
class Pace {
 public:
  explicit Pace(const Actor& actor);

  // Something was seen: times are measured from here.
  void Mark();
  // Now is not much earlier than that time after the mark.
  void ExpectNotEarlier(Trial& trial, absl::string_view clause,
                        Milliseconds time) const;

 private:
  Milliseconds Waited() const;

  const Actor& actor_;
  Milliseconds waited_;
  Milliseconds late_{0};
  Clock::time_point mark_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_PACE_H_
