// A snapshot, then events.
#include <deque>
#include <string>
#include <utility>

#include "supervisor/control/snapshot.h"
#include "supervisor/control/streams.h"

namespace drover::control {
namespace {

class EventStream : public Stream {
 public:
  EventStream(const EventLog& log, std::string pool, uint64_t from,
              std::deque<std::string> snapshot)
      : log_(log),
        pool_(std::move(pool)),
        next_(from),
        snapshot_(std::move(snapshot)) {}

  bool Concerns(const Turn&) const override { return next_ < log_.next(); }

  Said Next() override {
    if (!snapshot_.empty()) {
      std::string part = std::move(snapshot_.front());
      snapshot_.pop_front();
      return part;
    }
    if (next_ < log_.first()) return TellLoss();
    while (next_ < log_.next()) {
      const LoggedEvent& event = log_.at(next_++);
      if (Wanted(event)) return event.response;
    }
    return Quiet{};
  }

 private:
  bool Wanted(const LoggedEvent& event) const {
    return pool_.empty() || event.pool.empty() || event.pool == pool_;
  }

  std::string TellLoss() {
    admin::v1::WatchEventsResponse response;
    response.mutable_lost()->set_events(log_.first() - next_);
    next_ = log_.first();
    return response.SerializeAsString();
  }

  const EventLog& log_;
  std::string pool_;
  uint64_t next_;
  // Parts of it that are not sent yet.
  std::deque<std::string> snapshot_;
};

}  // namespace

std::unique_ptr<Stream> MakeEventStream(const Backend& backend,
                                        const EventLog& log,
                                        const std::string& pool) {
  const uint64_t next = log.next();
  return std::make_unique<EventStream>(
      log, pool, next, SnapshotParts(backend, pool, log.TokenBefore(next)));
}

std::unique_ptr<Stream> ResumeEventStream(const EventLog& log,
                                          const std::string& pool,
                                          uint64_t from) {
  return std::make_unique<EventStream>(log, pool, from,
                                       std::deque<std::string>());
}

}  // namespace drover::control
