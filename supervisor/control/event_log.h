// The last events, in order, each with a token to resume after it.
#ifndef SUPERVISOR_CONTROL_EVENT_LOG_H_
#define SUPERVISOR_CONTROL_EVENT_LOG_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"

namespace drover::control {

// One event, and the pool it belongs to (empty: to none).
struct LoggedEvent {
  std::string pool;
  admin::v1::Event event;
};

class EventLog {
 public:
  static constexpr size_t kKept = 2048;

  // `session` tells this supervisor's tokens from another's.
  explicit EventLog(std::string session) : session_(std::move(session)) {}

  // Gives the event its token and keeps it.
  void Append(std::string pool, admin::v1::Event event);

  // Events are numbered from 1; the next to come.
  uint64_t next() const { return first_ + events_.size(); }
  // The oldest that is kept.
  uint64_t first() const { return first_; }
  // `number` is in [first(), next()).
  const LoggedEvent& at(uint64_t number) const {
    return events_[number - first_];
  }

  // The token of the event before `number`.
  std::string TokenBefore(uint64_t number) const;
  // The number of the event that follows the token; nullopt if the token is of
  // another session, malformed, or too old for what is kept.
  std::optional<uint64_t> After(absl::string_view token) const;

 private:
  std::string session_;
  std::deque<LoggedEvent> events_;
  uint64_t first_ = 1;
};

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_EVENT_LOG_H_
