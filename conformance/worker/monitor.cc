#include "conformance/worker/monitor.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/text.h"

namespace drover::conformance {
namespace {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;
namespace v1 = worker::v1;

constexpr size_t kTextMax = 256;
constexpr int kCapabilitiesMax = 256;
constexpr int kGaugesMax = 32;
constexpr size_t kUserPayloadMax = 65000;
constexpr size_t kNameMax = 63;
constexpr size_t kFrameRateMax = 1000;
// Frames written within a second may arrive within a little less.
constexpr size_t kRateTolerance = kFrameRateMax / 10;

// [a-z] and then [a-z0-9] or one of `others`, up to 63 in all.
bool IsName(absl::string_view name, absl::string_view others) {
  if (name.empty() || name.size() > kNameMax) return false;
  if (name[0] < 'a' || name[0] > 'z') return false;
  for (char c : name.substr(1)) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && others.find(c) == absl::string_view::npos) return false;
  }
  return true;
}

std::optional<Breach> JudgeText(absl::string_view text) {
  if (text.size() > kTextMax) {
    return Breach{"DRV-LIMIT-1", "a text of at most 256 bytes",
                  absl::StrCat(text.size(), " bytes")};
  }
  // Only a text that fills the limit was cut.
  if (text.size() + 4 > kTextMax && CutCodePoint(text) > 0) {
    return Breach{"DRV-LIMIT-2", "a text that ends with a whole code point",
                  absl::StrCat("\"", Printable(text), "\"")};
  }
  return std::nullopt;
}

// Every text and name that a frame carries.
std::array<absl::string_view, 4> Texts(const ToSupervisor& frame) {
  switch (frame.body_case()) {
    case ToSupervisor::kHello:
      return {frame.hello().name(), frame.hello().version(),
              frame.hello().sdk()};
    case ToSupervisor::kState:
      return {frame.state().text()};
    case ToSupervisor::kResult:
      return {frame.result().text()};
    case ToSupervisor::kRequest:
      return {frame.request().text()};
    case ToSupervisor::kProgress:
      return {frame.progress().text()};
    case ToSupervisor::kFatal:
      return {frame.fatal().text()};
    case ToSupervisor::kProtocolError:
      return {frame.protocol_error().text()};
    default:
      return {};
  }
}

bool IsLastWord(const ToSupervisor& frame) {
  return frame.has_fatal() || frame.has_protocol_error();
}

}  // namespace

void Monitor::Sent(const ToWorker& frame) {
  switch (frame.body_case()) {
    case ToWorker::kWelcome:
      welcomed_ = true;
      agreed_.insert(frame.welcome().capabilities().begin(),
                     frame.welcome().capabilities().end());
      break;
    case ToWorker::kStart:
      start_ops_.insert(frame.op());
      break;
    case ToWorker::kStop:
      stop_ops_.insert(frame.op());
      break;
    case ToWorker::kQuit:
      quit_ops_.insert(frame.op());
      break;
    case ToWorker::kPing:
      pings_.push_back(frame.ping().id());
      break;
    case ToWorker::kResult:
      if (frame.re() == request_op_) request_op_ = 0;
      break;
    default:
      break;
  }
}

bool Monitor::Optional(const ToSupervisor& frame) {
  switch (frame.body_case()) {
    case ToSupervisor::kProgress:
    case ToSupervisor::kGauges:
      return true;
    case ToSupervisor::kState:
      return frame.state().state() == v1::STATE_INITIALIZED ||
             frame.state().state() == v1::STATE_STARTING ||
             frame.state().state() == v1::STATE_STOPPING ||
             frame.state().state() == v1::STATE_SHUTTING_DOWN;
    default:
      return false;
  }
}

std::optional<Breach> Monitor::Seen(const ToSupervisor& frame, Time now) {
  if (auto breach = JudgeOrder(frame)) return breach;
  if (auto breach = JudgeRate(now)) return breach;
  if (auto breach = JudgeTexts(frame)) return breach;
  if (auto breach = JudgeNumbers(frame)) return breach;
  return JudgeBody(frame);
}

Monitor::Verdict Monitor::JudgeOrder(const ToSupervisor& frame) const {
  if (error_seen_) {
    return Breach{"DRV-ERR-1", "nothing behind ProtocolError", Describe(frame)};
  }
  if (!hello_seen_ && !frame.has_hello() && !IsLastWord(frame)) {
    return Breach{"DRV-HELLO-1", "Hello as the first frame", Describe(frame)};
  }
  if (hello_seen_ && frame.has_hello()) {
    return Breach{"DRV-HELLO-9", "one Hello", "a second one"};
  }
  if (hello_seen_ && !welcomed_ && !IsLastWord(frame)) {
    return Breach{"DRV-HELLO-3", "nothing between Hello and Welcome",
                  Describe(frame)};
  }
  if (reported_ == v1::STATE_FAILED && !frame.has_fatal()) {
    return Breach{"DRV-STATE-10", "nothing but Fatal after FAILED",
                  Describe(frame)};
  }
  return std::nullopt;
}

Monitor::Verdict Monitor::JudgeRate(Time now) {
  arrivals_.push_back(now);
  while (now - arrivals_.front() > std::chrono::seconds(1)) {
    arrivals_.pop_front();
  }
  if (!rate_counts_ || arrivals_.size() <= kFrameRateMax + kRateTolerance) {
    return std::nullopt;
  }
  return Breach{"DRV-LIMIT-6", "at most 1000 frames a second",
                absl::StrCat(arrivals_.size(), " within one second")};
}

Monitor::Verdict Monitor::JudgeNumbers(const ToSupervisor& frame) {
  bool asks = frame.has_request() || frame.has_user_message();
  if (frame.op() == 0 || !asks) return std::nullopt;
  if (frame.op() <= last_op_) {
    return Breach{"DRV-CMD-1", absl::StrCat("an op above ", last_op_),
                  Describe(frame)};
  }
  last_op_ = frame.op();
  return std::nullopt;
}

Monitor::Verdict Monitor::JudgeTexts(const ToSupervisor& frame) const {
  for (absl::string_view text : Texts(frame)) {
    if (auto breach = JudgeText(text)) return breach;
  }
  return std::nullopt;
}

Monitor::Verdict Monitor::JudgeBody(const ToSupervisor& frame) {
  switch (frame.body_case()) {
    case ToSupervisor::kHello:
      hello_seen_ = true;
      if (frame.hello().capabilities_size() <= kCapabilitiesMax) break;
      return Breach{
          "DRV-LIMIT-4", "at most 256 capabilities",
          absl::StrCat(frame.hello().capabilities_size(), " of them")};
    case ToSupervisor::kState:
      return JudgeState(frame);
    case ToSupervisor::kPong:
      return JudgePong(frame.pong().id());
    case ToSupervisor::kRequest:
      return JudgeRequest(frame);
    case ToSupervisor::kProgress:
      return JudgeProgress(frame.progress());
    case ToSupervisor::kGauges:
      return JudgeGauges(frame.gauges());
    case ToSupervisor::kUserMessage:
      return JudgeMessage(frame.user_message());
    case ToSupervisor::kProtocolError:
      error_seen_ = true;
      break;
    case ToSupervisor::kFatal:
      fatal_ = true;
      break;
    default:
      break;
  }
  return std::nullopt;
}

bool Monitor::Repeats(const ToSupervisor& frame) const {
  int state = frame.state().state();
  return frame.has_state() && frame.re() != 0 && reported_ == state &&
         WasReported(state, frame.re());
}

Monitor::Verdict Monitor::JudgeState(const ToSupervisor& frame) {
  int state = frame.state().state();
  uint64_t re = frame.re();
  bool repeated = reported_ == state && WasReported(state, re);
  Verdict breach;
  switch (state) {
    case v1::STATE_INITIALIZED:
      if (re != 0 || reported_ > v1::STATE_INITIALIZED) {
        breach = Breach{"DRV-STATE-3", "no report without a command",
                        Describe(frame)};
      }
      break;
    case v1::STATE_STARTING:
    case v1::STATE_STARTED:
      breach = JudgeStartAnswer(frame);
      break;
    case v1::STATE_STOPPING:
    case v1::STATE_STOPPED:
      if (stop_ops_.count(re) == 0) {
        breach = Breach{stop_ops_.empty() ? "DRV-STATE-3" : "DRV-STATE-4",
                        "a report with the op of a Stop", Describe(frame)};
      }
      break;
    case v1::STATE_SHUTTING_DOWN:
      breach = JudgeShuttingDown(frame);
      break;
    default:
      break;
  }
  if (breach && !repeated) return breach;
  if (state == v1::STATE_STOPPED) stopped_op_ = re;
  reported_ = state;
  reports_.insert({state, re});
  return std::nullopt;
}

Monitor::Verdict Monitor::JudgeShuttingDown(const ToSupervisor& frame) const {
  bool by_itself = frame.re() == 0 && may_leave_;
  if (by_itself || quit_ops_.count(frame.re()) > 0) return std::nullopt;
  if (quit_ops_.empty() && !may_leave_) {
    return Breach{"DRV-STATE-3", "no report without a command",
                  Describe(frame)};
  }
  return Breach{"DRV-STATE-4", "a report with the op of a Quit",
                Describe(frame)};
}

// STARTING and STARTED.
Monitor::Verdict Monitor::JudgeStartAnswer(const ToSupervisor& frame) const {
  if (start_ops_.empty()) {
    return Breach{"DRV-STATE-3", "no report without a command",
                  Describe(frame)};
  }
  if (start_ops_.count(frame.re()) == 0) {
    return Breach{"DRV-STATE-4", "a report with the op of a Start",
                  Describe(frame)};
  }
  if (stopped_op_ > frame.re()) {
    return Breach{"DRV-CMD-47",
                  absl::StrCat("no ", StateName(frame.state().state()),
                               " after STOPPED(", stopped_op_, ")"),
                  Describe(frame)};
  }
  return std::nullopt;
}

Monitor::Verdict Monitor::JudgePong(uint64_t id) {
  if (!pings_.empty() && pings_.front() == id) {
    pings_.pop_front();
    answered_.insert(id);
    return std::nullopt;
  }
  if (answered_.count(id) > 0) {
    return Breach{"DRV-BEAT-1", "one Pong to each Ping",
                  absl::StrCat("another Pong ", id)};
  }
  if (pings_.empty()) {
    return Breach{"DRV-BEAT-4", "no Pong without a Ping",
                  absl::StrCat("Pong ", id)};
  }
  return Breach{"DRV-BEAT-1", absl::StrCat("Pong ", pings_.front()),
                absl::StrCat("Pong ", id)};
}

Monitor::Verdict Monitor::JudgeRequest(const ToSupervisor& frame) {
  if (!Agreed(v1::CAPABILITY_REQUEST)) {
    return Breach{"DRV-CAP-2", "no Request, for REQUEST was not agreed",
                  Describe(frame)};
  }
  if (frame.op() == 0) {
    return Breach{"DRV-REQ-1", "a Request with an op", "one without"};
  }
  if (request_op_ != 0) {
    return Breach{"DRV-REQ-1", "one Request at a time",
                  "another before the Result"};
  }
  request_op_ = frame.op();
  return std::nullopt;
}

Monitor::Verdict Monitor::JudgeProgress(const v1::Progress& progress) const {
  if (!Agreed(v1::CAPABILITY_PROGRESS)) {
    return Breach{"DRV-REPORT-3", "no Progress, for PROGRESS was not agreed",
                  "Progress"};
  }
  // Asked for, and not known to be over.
  bool starting = !start_ops_.empty() && reported_ != v1::STATE_STARTED &&
                  stopped_op_ < *start_ops_.rbegin();
  bool stopping = !stop_ops_.empty() && stopped_op_ < *stop_ops_.rbegin();
  bool on_the_way = starting || stopping;
  if (progress.extend_ms() == 0 || on_the_way) return std::nullopt;
  return Breach{"DRV-CMD-83", "extend_ms in STARTING and STOPPING only",
                absl::StrCat("extend_ms ", progress.extend_ms(), " in ",
                             StateName(reported_))};
}

Monitor::Verdict Monitor::JudgeGauges(const v1::Gauges& gauges) const {
  if (!Agreed(v1::CAPABILITY_GAUGES)) {
    return Breach{"DRV-REPORT-3", "no Gauges, for GAUGES was not agreed",
                  "Gauges"};
  }
  if (gauges.gauges_size() > kGaugesMax) {
    return Breach{"DRV-LIMIT-4", "at most 32 gauges",
                  absl::StrCat(gauges.gauges_size(), " of them")};
  }
  for (const v1::Gauge& gauge : gauges.gauges()) {
    if (IsName(gauge.name(), "_")) continue;
    return Breach{"DRV-LIMIT-9", "a gauge named [a-z][a-z0-9_]{0,62}",
                  absl::StrCat("\"", Printable(gauge.name()), "\"")};
  }
  return std::nullopt;
}

Monitor::Verdict Monitor::JudgeMessage(const v1::UserMessage& message) const {
  if (!Agreed(v1::CAPABILITY_USER_MESSAGES)) {
    return Breach{"DRV-CAP-2",
                  "no UserMessage, for USER_MESSAGES was not agreed",
                  "UserMessage"};
  }
  if (!IsName(message.topic(), "._-")) {
    return Breach{"DRV-MSG-1", "a topic like [a-z][a-z0-9._-]{0,62}",
                  absl::StrCat("\"", Printable(message.topic()), "\"")};
  }
  if (message.payload().size() <= kUserPayloadMax) return std::nullopt;
  return Breach{"DRV-LIMIT-4", "a payload of at most 65000 bytes",
                absl::StrCat(message.payload().size(), " bytes")};
}

}  // namespace drover::conformance
