// What a worker says.
#include <algorithm>

#include "conformance/supervisor_testee/worker.h"

namespace drover::conformance {

namespace v1 = worker::v1;

namespace {

constexpr int kCapabilitiesMax = 256;
constexpr int kGaugesMax = 32;
constexpr int kReadsATurn = 16;

bool Matches(absl::string_view name, absl::string_view others) {
  if (name.empty() || name.size() > 63) return false;
  auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  auto fits = [&](char c) {
    return lower(c) || (c >= '0' && c <= '9') ||
           others.find(c) != absl::string_view::npos;
  };
  return lower(name[0]) && std::all_of(name.begin(), name.end(), fits);
}

bool IsTopic(absl::string_view name) { return Matches(name, "._-"); }
bool IsGauge(absl::string_view name) { return Matches(name, "_"); }

bool IsKnown(int state) {
  return state >= v1::STATE_INITIALIZED && state <= v1::STATE_FAILED;
}

}  // namespace

bool Worker::ReadChannel() {
  bool read = false;
  for (int i = 0; i < kReadsATurn && !channel_.ended(); ++i) {
    Channel::Read found = channel_.ReadSome();
    if (found == Channel::Read::kNothing) break;
    if (found == Channel::Read::kEnd) ChannelEnded();
    read = true;
    if (Faulty("bytes_are_life")) ping_waits_ = false;
    std::optional<v1::ProtocolErrorCode> violation;
    while (auto body = channel_.Next(violation)) Handle(*body);
    if (violation && phase_ < Phase::kShuttingDown) Violate(*violation);
  }
  return read;
}

void Worker::ChannelEnded() {
  if (phase_ == Phase::kSpawned && !Faulty("no_wrapper_hint")) {
    AddWords("no Hello: a wrapper may have closed the channel");
  }
  if (phase_ >= Phase::kShuttingDown || Faulty("ignores_loss")) return;
  SetCause("CHANNEL_LOST");
  phase_ = Phase::kFailed;
  SetDeadline(settings_.loss);
}

void Worker::Handle(const std::string& body) {
  Frame frame;
  if (!frame.ParseFromString(body)) {
    if (phase_ < Phase::kShuttingDown) Violate(v1::PROTOCOL_ERROR_CODE_PARSE);
    return;
  }
  if (Faulty("chatter_is_life")) ping_waits_ = false;
  if (phase_ == Phase::kSpawned) return HandleUnwelcomed(frame);
  if (phase_ >= Phase::kShuttingDown) return HandleLeaving(frame);
  Dispatch(frame);
}

void Worker::HandleUnwelcomed(const Frame& frame) {
  switch (frame.body_case()) {
    case Frame::kHello:
      return HandleHello(frame.hello());
    case Frame::kFatal:
      return GiveUp(frame.fatal().text());
    case Frame::kProtocolError:
      return GiveUp(frame.protocol_error().text());
    default:
      return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  }
}

// SHUTTING_DOWN, or FAILED: what it says counts as last words.
void Worker::HandleLeaving(const Frame& frame) {
  if (phase_ == Phase::kShuttingDown) {
    if (frame.has_pong()) return HandlePong(frame.pong().id());
    if (frame.has_user_message()) return HandleMessage(frame);
  }
  if (frame.has_fatal()) AddWords(frame.fatal().text());
  if (frame.has_protocol_error()) AddWords(frame.protocol_error().text());
  if (frame.state().state() == v1::STATE_FAILED) AddWords(frame.state().text());
}

void Worker::Dispatch(const Frame& frame) {
  switch (frame.body_case()) {
    case Frame::kHello:
      return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
    case Frame::kState:
      return HandleState(frame);
    case Frame::kPong:
      return HandlePong(frame.pong().id());
    case Frame::kResult:
      return HandleResult(frame);
    case Frame::kRequest:
      return HandleRequest(frame);
    case Frame::kProgress:
      return HandleProgress(frame);
    case Frame::kGauges:
      return HandleGauges(frame.gauges());
    case Frame::kFatal:
      return GiveUp(Faulty("forgets_fatal") ? "" : frame.fatal().text());
    case Frame::kProtocolError:
      if (Faulty("answers_error")) SendError(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
      return GiveUp(frame.protocol_error().text());
    case Frame::kUserMessage:
      return HandleMessage(frame);
    default:
      return HandleUnknown(frame);
  }
}

void Worker::HandleHello(const v1::Hello& hello) {
  const auto& offered = hello.capabilities();
  if (hello.major() != 1 && !Faulty("any_major")) {
    return Violate(v1::PROTOCOL_ERROR_CODE_UNSUPPORTED_VERSION);
  }
  bool again = std::set<uint32_t>(offered.begin(), offered.end()).size() !=
               static_cast<size_t>(offered.size());
  if (again && Faulty("capability_twice")) {
    return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  }
  if (offered.size() > kCapabilitiesMax) {
    return Violate(v1::PROTOCOL_ERROR_CODE_LIMIT);
  }
  SendWelcome(hello);
  phase_ = Phase::kInitialized;
  deadline_.reset();
  Calm();
  Steer();
}

// The judgement before the table, and the table.
void Worker::HandleState(const Frame& frame) {
  int state = frame.state().state();
  if (!IsKnown(state)) {
    if (!Faulty("unknown_state")) return HandleUnknown(frame);
    return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  }
  bool on_the_way = phase_ == Phase::kStarting || phase_ == Phase::kStopping;
  if (state == v1::STATE_INITIALIZED && on_the_way) return;
  bool made_up = frame.re() > op_ && !Faulty("made_up_ok");
  if (made_up || (frame.op() != 0 && Faulty("op_on_report"))) {
    return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  }
  if (state == v1::STATE_FAILED) {
    bool crossed = phase_ == Phase::kStopping && Faulty("stop_beats_failed");
    return GiveUp(crossed ? "" : frame.state().text());
  }
  bool stale = frame.re() != 0 && frame.re() < command_op_;
  if (stale && !Faulty("stale_is_violation")) return;
  bool once_more = state == static_cast<int>(phase_);
  if (once_more) return;
  if (state == v1::STATE_SHUTTING_DOWN) {
    phase_ = Phase::kShuttingDown;
    return SetDeadline(settings_.quit + settings_.answer_grace);
  }
  if (frame.re() == 0 || stale) {
    return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  }
  Become(state);
}

void Worker::Become(int state) {
  bool started = phase_ == Phase::kStarting && state == v1::STATE_STARTED;
  bool stopped = phase_ == Phase::kStopping && state == v1::STATE_STOPPED;
  if (!started && !stopped) return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  phase_ = started ? Phase::kStarted : Phase::kStopped;
  deadline_.reset();
  Calm();
  Steer();
}

void Worker::HandlePong(uint64_t id) {
  if (ping_waits_ && id == ping_) {
    ping_waits_ = false;
    return;
  }
  bool again = id > 0 && id <= ping_;
  if (again && !Faulty("pong_again_is_violation")) return;
  Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
}

void Worker::HandleResult(const Frame& frame) {
  bool made_up = frame.re() == 0 || frame.re() > op_;
  if (made_up && !Faulty("made_up_ok")) {
    return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE);
  }
  if (reload_ == Reload::kRunning && frame.re() == reload_op_) {
    bool done = frame.result().code() == v1::RESULT_CODE_OK;
    reload_ = done ? Reload::kDone : Reload::kFailed;
    return Calm();
  }
  if (frame.re() != command_op_) return;
  if (phase_ == Phase::kStarting) return Fail("WORKER_FAILED");
  if (phase_ == Phase::kStopping) SendQuit();
}

void Worker::HandleRequest(const Frame& frame) {
  if (!Agreed(v1::CAPABILITY_REQUEST)) return HandleUnknown(frame);
  if (frame.op() == 0) return;
  int kind = frame.request().kind();
  bool known = v1::RequestKind_IsValid(kind) && kind != 0;
  if (!known && Faulty("unknown_request_silent")) return;
  bool granted = kind == v1::REQUEST_KIND_RECYCLE && goal_ == Goal::kRun &&
                 phase_ == Phase::kStarted;
  Answer(frame.op(), granted ? v1::RESULT_CODE_OK : v1::RESULT_CODE_DENIED);
  recycling_ |= granted;
}

bool Worker::TakeRecycling() {
  bool asked = recycling_;
  recycling_ = false;
  return asked;
}

void Worker::HandleProgress(const Frame& frame) {
  Milliseconds extension(frame.progress().extend_ms());
  if (phase_ == Phase::kStarted && Faulty("extends_in_started")) {
    granted_in_started_ = extension;
  }
  bool on_the_way = phase_ == Phase::kStarting || phase_ == Phase::kStopping;
  bool its_own =
      frame.re() == 0 || frame.re() == command_op_ || Faulty("extends_for_any");
  if (!on_the_way || !its_own || extension.count() == 0) return;
  Clock::time_point wished = Clock::now() + extension + settings_.answer_grace;
  Clock::time_point last = first_deadline_ + settings_.extend_max;
  if (!Faulty("extends_for_ever")) wished = std::min(wished, last);
  deadline_ = std::max(*deadline_, wished);
}

void Worker::HandleGauges(const v1::Gauges& gauges) {
  bool odd =
      gauges.gauges_size() > kGaugesMax ||
      std::any_of(gauges.gauges().begin(), gauges.gauges().end(),
                  [](const auto& gauge) { return !IsGauge(gauge.name()); });
  if (odd && Faulty("gauges_are_violations")) {
    Violate(v1::PROTOCOL_ERROR_CODE_LIMIT);
  }
}

void Worker::HandleMessage(const Frame& frame) {
  if (!Agreed(v1::CAPABILITY_USER_MESSAGES)) return HandleUnknown(frame);
  if (frame.op() == 0 || frame.re() != 0) return;
  bool refused =
      !IsTopic(frame.user_message().topic()) && !Faulty("topic_unchecked");
  Answer(frame.op(),
         refused ? v1::RESULT_CODE_FAILED : v1::RESULT_CODE_UNIMPLEMENTED);
}

void Worker::HandleUnknown(const Frame& frame) {
  if (frame.op() == 0 || frame.re() != 0) return;
  Answer(frame.op(), v1::RESULT_CODE_UNIMPLEMENTED);
}

void Worker::GiveUp(const std::string& words) {
  SetCause("WORKER_FAILED");
  AddWords(words);
  phase_ = Phase::kFailed;
  SetDeadline(settings_.kill);
}

}  // namespace drover::conformance
