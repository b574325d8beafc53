#include "supervisor/core/heartbeat.h"

#include "supervisor/core/fault.h"

namespace drover::core {

void Heartbeat::Resume(const WorkerSettings& settings, absl::Time now) {
  if (settings.ping_interval == absl::ZeroDuration()) {
    Pause();
  } else {
    deadline_ =
        now + (outstanding() ? settings.ping_timeout : settings.ping_interval);
  }
}

Heartbeat::Due Heartbeat::Check(const WorkerSettings& settings,
                                absl::Time now) {
  if (now < deadline_) return Due::kNothing;
  if (!outstanding() || DROVER_FAULT(kPingsUnanswered)) {
    ++asked_;
    deadline_ = now + settings.ping_timeout;
    return Due::kPing;
  }
  return Due::kDead;
}

Heartbeat::Heard Heartbeat::Hear(uint64_t id, const WorkerSettings& settings,
                                 absl::Time now) {
  if (id > asked_) return Heard::kNeverAsked;
  if (id != asked_ || !outstanding()) return Heard::kOld;
  answered_ = id;
  last_pong_ = now;
  // Paused means that a command is under way: its own deadline counts.
  if (!paused()) Resume(settings, now);
  return Heard::kAnswer;
}

}  // namespace drover::core
