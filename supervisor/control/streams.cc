#include "supervisor/control/streams.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "supervisor/control/answers.h"
#include "supervisor/control/views.h"

namespace drover::control {
namespace {

constexpr size_t kLinesQueued = 512;
constexpr uint32_t kLinesDefault = 20;
// Workers in one Snapshot message; a frame to the gateway is at most 1 MiB.
constexpr size_t kWorkersPerSnapshot = 200;

class OperationStream : public Stream {
 public:
  OperationStream(const Backend& backend, core::OperationId operation)
      : backend_(backend), operation_(operation) {}

  Said Next() override {
    if (ended_) return absl::OkStatus();
    auto view = backend_.core().FindOperation(operation_);
    if (!view) {
      return absl::NotFoundError("the operation is not known any more");
    }
    ended_ = core::IsFinal(view->state);
    admin::v1::Operation message = ToMessage(*view, ClockOf(backend_));
    std::string essence = Essence(message);
    if (essence == told_) return Quiet{};
    told_ = std::move(essence);
    return message.SerializeAsString();
  }

 private:
  // All but what changes with time alone.
  static std::string Essence(admin::v1::Operation message) {
    for (admin::v1::Waiting& waiting : *message.mutable_waiting()) {
      waiting.clear_since();
      waiting.clear_deadline_in();
    }
    return message.SerializeAsString();
  }

  const Backend& backend_;
  core::OperationId operation_;
  std::string told_;
  bool ended_ = false;
};

class EventStream : public Stream {
 public:
  EventStream(const Backend& backend, const EventLog& log, std::string pool,
              uint64_t from, bool with_snapshot)
      : log_(log), pool_(std::move(pool)), next_(from) {
    if (with_snapshot) TakeSnapshot(backend);
  }

  Said Next() override {
    admin::v1::WatchEventsResponse response;
    if (!snapshots_.empty()) {
      *response.mutable_snapshot() = std::move(snapshots_.front());
      snapshots_.pop_front();
      return response.SerializeAsString();
    }
    if (next_ < log_.first()) {
      response.mutable_lost()->set_events(log_.first() - next_);
      next_ = log_.first();
      return response.SerializeAsString();
    }
    for (; next_ < log_.next(); ++next_) {
      const LoggedEvent& logged = log_.at(next_);
      if (!pool_.empty() && !logged.pool.empty() && logged.pool != pool_) {
        continue;
      }
      *response.mutable_event() = logged.event;
      ++next_;
      return response.SerializeAsString();
    }
    return Quiet{};
  }

 private:
  // All of one moment, in as many messages as it takes; each carries the token.
  void TakeSnapshot(const Backend& backend) {
    admin::v1::Snapshot snapshot = SnapshotWithoutWorkers(backend, pool_);
    snapshot.set_token(log_.TokenBefore(next_));
    snapshots_.push_back(snapshot);
    for (admin::v1::Worker& worker : AllWorkers(backend, pool_)) {
      if (snapshots_.back().workers_size() >=
          static_cast<int>(kWorkersPerSnapshot)) {
        admin::v1::Snapshot more;
        more.set_token(snapshot.token());
        snapshots_.push_back(std::move(more));
      }
      *snapshots_.back().add_workers() = std::move(worker);
    }
    for (admin::v1::Snapshot& part : snapshots_) part.set_more(true);
    snapshots_.back().set_more(false);
  }

  const EventLog& log_;
  std::string pool_;
  uint64_t next_;
  std::deque<admin::v1::Snapshot> snapshots_;
};

class LogStream : public Stream {
 public:
  LogStream(Backend& backend, const admin::v1::TailLogsRequest& request)
      : store_(backend.output()), request_(request) {
    size_t limit = request.has_lines() ? request.lines() : kLinesDefault;
    for (const output::Line& line :
         store_.Tail(request.pool(), Slot(), limit)) {
      lines_.push_back(ToMessage(line));
    }
    if (!request.follow()) return;
    subscription_ =
        store_.Subscribe([this](const output::Line& line) { OnLine(line); });
  }

  ~LogStream() override {
    if (subscription_ != 0) store_.Unsubscribe(subscription_);
  }

  Said Next() override {
    if (lines_.empty()) {
      if (subscription_ != 0) return Quiet{};
      return absl::OkStatus();
    }
    std::string response = lines_.front().SerializeAsString();
    lines_.pop_front();
    return response;
  }

 private:
  std::optional<uint32_t> Slot() const {
    if (!request_.has_slot()) return std::nullopt;
    return request_.slot();
  }

  void OnLine(const output::Line& line) {
    if (!request_.pool().empty() && line.pool != request_.pool()) return;
    if (request_.has_slot() && line.slot != request_.slot()) return;
    if (lines_.size() >= kLinesQueued) {
      ++lost_;
      return;
    }
    lines_.push_back(ToMessage(line));
    lines_.back().set_lost(std::exchange(lost_, 0));
  }

  output::Store& store_;
  admin::v1::TailLogsRequest request_;
  std::deque<admin::v1::LogLine> lines_;
  uint64_t lost_ = 0;
  output::Store::Subscription subscription_ = 0;
};

}  // namespace

std::unique_ptr<Stream> MakeOperationStream(const Backend& backend,
                                            core::OperationId operation) {
  return std::make_unique<OperationStream>(backend, operation);
}

std::unique_ptr<Stream> MakeEventStream(const Backend& backend,
                                        const EventLog& log, std::string pool,
                                        uint64_t from, bool with_snapshot) {
  return std::make_unique<EventStream>(backend, log, std::move(pool), from,
                                       with_snapshot);
}

std::unique_ptr<Stream> MakeLogStream(
    Backend& backend, const admin::v1::TailLogsRequest& request) {
  return std::make_unique<LogStream>(backend, request);
}

}  // namespace drover::control
