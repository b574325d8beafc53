// Watches every frame of a worker for what no case has to ask for: the rules
// that hold at any time. Pure.
#ifndef CONFORMANCE_WORKER_MONITOR_H_
#define CONFORMANCE_WORKER_MONITOR_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "conformance/wire/breach.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

class Monitor {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // What the suite wrote.
  void Sent(const worker::v1::ToWorker& frame);
  // It hung up, or sent a signal that makes a worker leave.
  void MayLeave() { may_leave_ = true; }
  // It does not read promptly, so that rates say nothing.
  void IgnoreRate() { rate_counts_ = false; }

  // Judges the next frame that the worker wrote.
  std::optional<Breach> Seen(const worker::v1::ToSupervisor& frame, Time now);

  // The last state that was reported; 0 before the first report.
  int reported() const { return reported_; }
  bool failed() const {
    return reported_ == worker::v1::STATE_FAILED || fatal_;
  }
  // States reported for that op, in order.
  bool WasReported(int state, uint64_t op) const {
    return reports_.count({state, op}) > 0;
  }
  // The state that was reported last, with the same command's op.
  bool Repeats(const worker::v1::ToSupervisor& frame) const;
  bool hello_seen() const { return hello_seen_; }
  // Not owed by the worker: leave to repeat a state, numbers, progress.
  static bool Optional(const worker::v1::ToSupervisor& frame);

 private:
  using Verdict = std::optional<Breach>;

  Verdict JudgeOrder(const worker::v1::ToSupervisor& frame) const;
  Verdict JudgeRate(Time now);
  Verdict JudgeNumbers(const worker::v1::ToSupervisor& frame);
  Verdict JudgeTexts(const worker::v1::ToSupervisor& frame) const;
  Verdict JudgeBody(const worker::v1::ToSupervisor& frame);
  Verdict JudgeState(const worker::v1::ToSupervisor& frame);
  Verdict JudgeShuttingDown(const worker::v1::ToSupervisor& frame) const;
  Verdict JudgeStartAnswer(const worker::v1::ToSupervisor& frame) const;
  Verdict JudgePong(uint64_t id);
  Verdict JudgeRequest(const worker::v1::ToSupervisor& frame);
  Verdict JudgeProgress(const worker::v1::Progress& progress) const;
  Verdict JudgeGauges(const worker::v1::Gauges& gauges) const;
  Verdict JudgeMessage(const worker::v1::UserMessage& message) const;
  bool Agreed(int capability) const { return agreed_.count(capability) > 0; }

  bool hello_seen_ = false;
  bool welcomed_ = false;
  bool may_leave_ = false;
  bool error_seen_ = false;
  bool fatal_ = false;
  bool rate_counts_ = true;
  std::set<uint32_t> agreed_;
  int reported_ = 0;
  std::set<std::pair<int, uint64_t>> reports_;
  std::set<uint64_t> start_ops_;
  std::set<uint64_t> stop_ops_;
  std::set<uint64_t> quit_ops_;
  uint64_t stopped_op_ = 0;  // the last that was answered
  uint64_t last_op_ = 0;     // of the worker
  uint64_t request_op_ = 0;  // waits for its Result
  std::deque<uint64_t> pings_;
  std::set<uint64_t> answered_;
  std::deque<Time> arrivals_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_WORKER_MONITOR_H_
