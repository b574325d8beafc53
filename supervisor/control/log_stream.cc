// Lines that workers wrote.
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "supervisor/control/streams.h"
#include "supervisor/control/views.h"

namespace drover::control {
namespace {

constexpr size_t kLinesDefault = 20;

// Lines on their way to a client. When it does not keep up the oldest go, and
// the next one says how many.
class LineQueue {
 public:
  static constexpr size_t kLinesMax = 20'000;
  static constexpr size_t kBytesMax = 2 << 20;

  void Push(admin::v1::LogLine line) {
    bytes_ += line.ByteSizeLong();
    lines_.push_back(std::move(line));
    while (lines_.size() > kLinesMax ||
           (bytes_ > kBytesMax && lines_.size() > 1)) {
      Take();
      ++lost_;
    }
  }

  bool empty() const { return lines_.empty(); }

  admin::v1::LogLine Pop() {
    admin::v1::LogLine line = Take();
    line.set_lost(std::exchange(lost_, 0));
    return line;
  }

 private:
  admin::v1::LogLine Take() {
    admin::v1::LogLine line = std::move(lines_.front());
    lines_.pop_front();
    bytes_ -= line.ByteSizeLong();
    return line;
  }

  std::deque<admin::v1::LogLine> lines_;
  size_t bytes_ = 0;
  uint64_t lost_ = 0;
};

class LogStream : public Stream {
 public:
  LogStream(output::Store& store, const admin::v1::TailLogsRequest& request)
      : store_(store), pool_(request.pool()) {
    if (request.has_slot()) slot_ = request.slot();
    const size_t limit = request.has_lines() ? request.lines() : kLinesDefault;
    for (const output::Line& line : store_.Tail(pool_, slot_, limit)) {
      lines_.Push(ToMessage(line));
    }
    if (!request.follow()) return;
    subscription_ =
        store_.Subscribe([this](const output::Line& line) { Hear(line); });
  }

  ~LogStream() override {
    if (subscription_) store_.Unsubscribe(*subscription_);
  }

  bool Concerns(const Turn&) const override { return !lines_.empty(); }

  Said Next() override {
    if (!lines_.empty()) return lines_.Pop().SerializeAsString();
    if (subscription_) return Quiet{};
    return absl::OkStatus();
  }

 private:
  void Hear(const output::Line& line) {
    if (!pool_.empty() && line.pool != pool_) return;
    if (slot_ && line.slot != *slot_) return;
    lines_.Push(ToMessage(line));
  }

  output::Store& store_;
  std::string pool_;
  std::optional<uint32_t> slot_;
  LineQueue lines_;
  std::optional<output::Store::Subscription> subscription_;
};

}  // namespace

std::unique_ptr<Stream> MakeLogStream(
    output::Store& store, const admin::v1::TailLogsRequest& request) {
  return std::make_unique<LogStream>(store, request);
}

}  // namespace drover::control
