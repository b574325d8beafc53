// Watches every frame that a supervisor writes to one worker for the rules that
// hold at any time. Pure.
#ifndef CONFORMANCE_SUPERVISOR_MONITOR_H_
#define CONFORMANCE_SUPERVISOR_MONITOR_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "conformance/wire/breach.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

class SupervisorMonitor {
 public:
  // What the suite wrote as the worker.
  void Sent(const worker::v1::ToSupervisor& frame);
  // It wrote bytes of its own making; what they mean is the case's business.
  void MayBeRefused() { may_be_refused_ = true; }

  std::optional<Breach> Seen(const worker::v1::ToWorker& frame);

  // Not asked for by any case: it comes when it comes.
  static bool Optional(const worker::v1::ToWorker& frame) {
    return frame.has_ping() || frame.has_lame_duck();
  }

 private:
  using Verdict = std::optional<Breach>;

  Verdict JudgeOrder(const worker::v1::ToWorker& frame) const;
  Verdict JudgeWelcome(const worker::v1::ToWorker& frame);
  Verdict JudgePing(uint64_t id);
  Verdict JudgeCommand(const worker::v1::ToWorker& frame);
  Verdict JudgeStart();
  bool OnTheWay() const;

  bool hello_sent_ = false;
  bool welcomed_ = false;
  bool quit_ = false;
  bool error_seen_ = false;
  bool may_be_refused_ = false;
  std::set<uint32_t> offered_;
  std::set<uint32_t> agreed_;
  uint32_t minor_ = 0;
  uint64_t last_op_ = 0;
  uint64_t ping_ = 0;
  bool ping_waits_ = false;
  // As the supervisor may know it: what was sent and what was answered.
  uint64_t start_op_ = 0;
  uint64_t stop_op_ = 0;
  bool start_waits_ = false;
  bool stop_waits_ = false;
  int state_ = 0;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_MONITOR_H_
