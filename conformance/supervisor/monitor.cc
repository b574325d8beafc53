#include "conformance/supervisor/monitor.h"

#include "absl/strings/str_cat.h"
#include "conformance/wire/describe.h"

namespace drover::conformance {

namespace v1 = worker::v1;
using v1::ToSupervisor;
using v1::ToWorker;

void SupervisorMonitor::Sent(const ToSupervisor& frame) {
  switch (frame.body_case()) {
    case ToSupervisor::kHello:
      hello_sent_ = true;
      offered_.insert(frame.hello().capabilities().begin(),
                      frame.hello().capabilities().end());
      minor_ = frame.hello().minor();
      break;
    case ToSupervisor::kPong:
      if (frame.pong().id() == ping_) ping_waits_ = false;
      break;
    case ToSupervisor::kState:
      state_ = frame.state().state();
      if (frame.re() == start_op_ && state_ != v1::STATE_STARTING) {
        start_waits_ = false;
      }
      if (frame.re() == stop_op_ && state_ != v1::STATE_STOPPING) {
        stop_waits_ = false;
        // A start that was under way is over as well.
        start_waits_ = false;
      }
      break;
    case ToSupervisor::kResult:
      if (frame.re() == start_op_) start_waits_ = false;
      if (frame.re() == stop_op_) stop_waits_ = false;
      break;
    default:
      break;
  }
}

std::optional<Breach> SupervisorMonitor::Seen(const ToWorker& frame) {
  if (auto breach = JudgeOrder(frame)) return breach;
  switch (frame.body_case()) {
    case ToWorker::kWelcome:
      return JudgeWelcome(frame);
    case ToWorker::kPing:
      return JudgePing(frame.ping().id());
    case ToWorker::kStart:
    case ToWorker::kStop:
    case ToWorker::kQuit:
    case ToWorker::kReload:
      return JudgeCommand(frame);
    case ToWorker::kProtocolError:
      error_seen_ = true;
      if (may_be_refused_) break;
      return Breach{"DRV-SUP-1", "no ProtocolError, for nothing was wrong",
                    Describe(frame)};
    case ToWorker::kLameDuck:
      if (agreed_.count(v1::CAPABILITY_LAME_DUCK) > 0) break;
      return Breach{"DRV-CAP-2", "no LameDuck, for it was not agreed",
                    Describe(frame)};
    case ToWorker::kUserMessage:
      if (agreed_.count(v1::CAPABILITY_USER_MESSAGES) > 0) break;
      return Breach{"DRV-CAP-2", "no UserMessage, for it was not agreed",
                    Describe(frame)};
    default:
      break;
  }
  return std::nullopt;
}

SupervisorMonitor::Verdict SupervisorMonitor::JudgeOrder(
    const ToWorker& frame) const {
  if (error_seen_) {
    return Breach{"DRV-ERR-1", "nothing behind ProtocolError", Describe(frame)};
  }
  if (!hello_sent_ && !frame.has_protocol_error()) {
    return Breach{"DRV-HELLO-4", "nothing before Hello", Describe(frame)};
  }
  if (quit_ && !frame.has_ping() && !frame.has_quit() && !frame.has_result() &&
      !frame.has_protocol_error()) {
    return Breach{"DRV-CMD-23", "nothing but Ping after Quit", Describe(frame)};
  }
  return std::nullopt;
}

SupervisorMonitor::Verdict SupervisorMonitor::JudgeWelcome(
    const ToWorker& frame) {
  if (welcomed_) {
    return Breach{"DRV-HELLO-11", "one Welcome", "another"};
  }
  welcomed_ = true;
  for (uint32_t capability : frame.welcome().capabilities()) {
    agreed_.insert(capability);
    if (offered_.count(capability) > 0) continue;
    return Breach{"DRV-CAP-1", "no capability that Hello did not offer",
                  absl::StrCat("capability ", capability)};
  }
  if (frame.welcome().minor() > minor_) {
    return Breach{"DRV-HELLO-15", absl::StrCat("at most minor ", minor_),
                  absl::StrCat("minor ", frame.welcome().minor())};
  }
  return std::nullopt;
}

bool SupervisorMonitor::OnTheWay() const { return start_waits_ || stop_waits_; }

SupervisorMonitor::Verdict SupervisorMonitor::JudgePing(uint64_t id) {
  if (ping_waits_) {
    return Breach{"DRV-BEAT-8", "one Ping at a time",
                  absl::StrCat("Ping ", id, " before Pong ", ping_)};
  }
  if (id <= ping_) {
    return Breach{"DRV-BEAT-8", absl::StrCat("an id above ", ping_),
                  absl::StrCat("Ping ", id)};
  }
  // One may cross with the answer to a command, but not with the command.
  if (OnTheWay()) {
    return Breach{"DRV-BEAT-9", "no Ping in STARTING and STOPPING",
                  absl::StrCat("Ping ", id)};
  }
  ping_ = id;
  ping_waits_ = true;
  return std::nullopt;
}

SupervisorMonitor::Verdict SupervisorMonitor::JudgeCommand(
    const ToWorker& frame) {
  if (frame.op() == 0) {
    return Breach{"DRV-CMD-6", "a command with an op", Describe(frame)};
  }
  if (frame.op() <= last_op_) {
    return Breach{"DRV-CMD-1", absl::StrCat("an op above ", last_op_),
                  Describe(frame)};
  }
  last_op_ = frame.op();
  if (frame.has_start()) {
    if (auto breach = JudgeStart()) return breach;
    start_op_ = frame.op();
    start_waits_ = true;
  } else if (frame.has_stop()) {
    stop_op_ = frame.op();
    stop_waits_ = true;
  } else if (frame.has_quit()) {
    quit_ = true;
  } else if (agreed_.count(v1::CAPABILITY_RELOAD) == 0) {
    return Breach{"DRV-CAP-2", "no Reload, for it was not agreed",
                  Describe(frame)};
  } else if (state_ != v1::STATE_STARTED || stop_waits_) {
    return Breach{"DRV-CMD-62", "Reload in STARTED alone", Describe(frame)};
  }
  return std::nullopt;
}

SupervisorMonitor::Verdict SupervisorMonitor::JudgeStart() {
  if (OnTheWay()) {
    return Breach{"DRV-CMD-20", "no Start while a command is outstanding",
                  "Start"};
  }
  if (state_ == v1::STATE_STARTED || state_ == v1::STATE_STARTING ||
      state_ == v1::STATE_STOPPING) {
    return Breach{"DRV-CMD-21", "no Start in STARTING, STARTED or STOPPING",
                  absl::StrCat("Start in ", StateName(state_))};
  }
  if (state_ == v1::STATE_STOPPED &&
      agreed_.count(v1::CAPABILITY_RESUME) == 0) {
    return Breach{"DRV-CMD-22", "no Start in STOPPED without RESUME", "Start"};
  }
  return std::nullopt;
}

}  // namespace drover::conformance
