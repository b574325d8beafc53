#include "supervisor/control/event_log.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "supervisor/control/refusals.h"

namespace drover::control {

void EventLog::Append(Happening happening) {
  happening.event.set_token(TokenBefore(next() + 1));
  admin::v1::WatchEventsResponse response;
  *response.mutable_event() = std::move(happening.event);
  events_.push_back({std::move(happening.pool), response.SerializeAsString()});
  bytes_ += events_.back().response.size();
  while (events_.size() > kEventsKept ||
         (bytes_ > kBytesKept && events_.size() > 1)) {
    bytes_ -= events_.front().response.size();
    events_.pop_front();
    ++first_;
  }
}

void EventLog::Write(state::v1::Control* to) const {
  to->set_session(session_);
  to->set_first_event(first_);
  for (const LoggedEvent& event : events_) {
    state::v1::LoggedEvent* written = to->add_events();
    written->set_pool(event.pool);
    written->set_response(event.response);
  }
}

void EventLog::Read(const state::v1::Control& from) {
  first_ = from.first_event();
  for (const state::v1::LoggedEvent& event : from.events()) {
    events_.push_back({event.pool(), event.response()});
    bytes_ += event.response().size();
  }
}

std::string EventLog::TokenBefore(uint64_t number) const {
  return absl::StrCat(session_, ".", number - 1);
}

absl::StatusOr<uint64_t> EventLog::After(absl::string_view token) const {
  const size_t dot = token.rfind('.');
  uint64_t number = 0;
  if (dot == absl::string_view::npos ||
      !absl::SimpleAtoi(token.substr(dot + 1), &number)) {
    return BadToken();
  }
  if (token.substr(0, dot) != session_) return TokenOfAnotherSession();
  // What this session never gave out is somebody's invention.
  if (number >= next()) return BadToken();
  if (number + 1 < first_) return TokenTooOld();
  return number + 1;
}

}  // namespace drover::control
