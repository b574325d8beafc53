// The last events, in order, each with a token to resume after it.
#ifndef SUPERVISOR_CONTROL_EVENT_LOG_H_
#define SUPERVISOR_CONTROL_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/admin/v1/admin.pb.h"
#include "drover/state/v1/handover.pb.h"

namespace drover::control {

// An event on its way into the log, and the pool it belongs to (empty: to
// none).
struct Happening {
  std::string pool;
  admin::v1::Event event;
};

// As it is kept: one serialized WatchEventsResponse, which is what every
// watcher is sent. Small, and made once.
struct LoggedEvent {
  std::string pool;
  std::string response;
};

class EventLog {
 public:
  // Whichever is reached first; the newest event is always kept.
  static constexpr size_t kEventsKept = 4096;
  static constexpr size_t kBytesKept = 2 << 20;

  // `session` tells this supervisor's tokens from another's.
  explicit EventLog(std::string session) : session_(std::move(session)) {}

  // Gives the event its token and keeps it.
  void Append(Happening happening);

  // Everything that is kept, written down, and read into an empty log of the
  // same session: no token loses its meaning.
  void Write(state::v1::Control* to) const;
  void Read(const state::v1::Control& from);

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
  // The number of the event that follows the token; refused if the token is
  // none, of another session, or too old for what is kept.
  absl::StatusOr<uint64_t> After(absl::string_view token) const;

 private:
  std::string session_;
  std::deque<LoggedEvent> events_;
  size_t bytes_ = 0;
  uint64_t first_ = 1;
};

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_EVENT_LOG_H_
