// What the supervisor says to a testee.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>

#include "conformance/testee/testee.h"

namespace drover::conformance {

namespace v1 = worker::v1;
using v1::ToWorker;

namespace {

constexpr int kExitProtocol = 76;
constexpr auto kFresh = std::chrono::milliseconds(50);

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

bool IsUtf8(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
}

// The first value of `op`, where libprotobuf keeps the last.
uint64_t FirstOp(const std::string& body, uint64_t otherwise) {
  google::protobuf::UnknownFieldSet fields;
  if (!fields.ParseFromString(body)) return otherwise;
  for (int i = 0; i < fields.field_count(); ++i) {
    if (fields.field(i).number() == 1 &&
        fields.field(i).type() == google::protobuf::UnknownField::TYPE_VARINT) {
      return fields.field(i).varint();
    }
  }
  return otherwise;
}

bool IsTopic(const std::string& topic) {
  if (topic.empty() || topic.size() > 63) return false;
  return topic.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") ==
             std::string::npos &&
         topic[0] >= 'a' && topic[0] <= 'z';
}

// Bodies that SPEC.md gives an op.
bool CarriesOp(const ToWorker& frame) {
  switch (frame.body_case()) {
    case ToWorker::kStart:
    case ToWorker::kStop:
    case ToWorker::kQuit:
    case ToWorker::kReload:
    case ToWorker::kUserMessage:
    case ToWorker::BODY_NOT_SET:
      return true;
    default:
      return false;
  }
}

bool IsCommand(const ToWorker& frame) {
  return frame.has_start() || frame.has_stop() || frame.has_quit() ||
         frame.has_reload();
}

}  // namespace

void Testee::Handle(const std::string& body) {
  ToWorker frame;
  if (!frame.ParseFromString(body)) {
    if (Faulty("crashes")) ::raise(SIGSEGV);
    if (Faulty("ignores_parse")) return;
    return Violate(v1::PROTOCOL_ERROR_CODE_PARSE, "expected an envelope");
  }
  if (Faulty("first_value_wins")) frame.set_op(FirstOp(body, frame.op()));
  if (failed_ && !Faulty("talks_after_failed")) {
    if (frame.has_quit()) Exit(1);
    return;
  }
  if (frame.has_protocol_error()) {
    bool ignored = Faulty("ignores_error") ||
                   (state_ == 0 && Faulty("early_error_ignored"));
    if (!ignored) Exit(Faulty("error_exit_1") ? 1 : kExitProtocol);
    return;
  }
  if (Refused(frame) || OutOfSequence(frame)) return;
  if (state_ == 0) return HandleFirst(frame);
  Dispatch(frame);
}

// What only mutants refuse.
bool Testee::Refused(const ToWorker& frame) {
  const v1::Welcome& welcome = frame.welcome();
  bool refused =
      (Faulty("unknown_field") &&
       (HasUnknownFields(frame) || HasUnknownFields(frame.ping()))) ||
      (Faulty("unknown_enum") && frame.stop().cause() > 100) ||
      (Faulty("small_lists") && (welcome.capabilities_size() > 32 ||
                                 frame.stop().text().size() > 300)) ||
      (Faulty("strict_utf8") && !IsUtf8(frame.stop().text())) ||
      (Faulty("minor_matters") && welcome.minor() > 100);
  if (Faulty("capability_twice")) {
    std::set<uint32_t> once(welcome.capabilities().begin(),
                            welcome.capabilities().end());
    refused |= once.size() != static_cast<size_t>(welcome.capabilities_size());
  }
  if (refused) Violate(v1::PROTOCOL_ERROR_CODE_PARSE, "a mutant refuses it");
  return refused;
}

bool Testee::OutOfSequence(const ToWorker& frame) {
  bool counts = CarriesOp(frame) || Faulty("counts_every_op");
  const char* complaint = nullptr;
  if (frame.op() != 0 && counts) {
    if (frame.op() <= last_op_) complaint = "expected an op that rises";
    last_op_ = frame.op();
  } else if (IsCommand(frame)) {
    complaint = "expected a command with an op";
  }
  if (complaint != nullptr) {
    Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE, complaint);
  }
  return complaint != nullptr;
}

void Testee::HandleFirst(const ToWorker& frame) {
  if (frame.has_welcome()) return HandleWelcome(frame.welcome());
  if (Faulty("any_frame_first")) return Dispatch(frame);
  Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE, "expected Welcome");
}

void Testee::Dispatch(const ToWorker& frame) {
  if (state_ == v1::STATE_SHUTTING_DOWN && !frame.has_ping() &&
      !frame.has_quit()) {
    if (Faulty("answers_after_quit") && frame.op() != 0) {
      Answer(frame.op(), v1::RESULT_CODE_INVALID_STATE);
    }
    return;
  }
  switch (frame.body_case()) {
    case ToWorker::kWelcome:
      if (Faulty("second_welcome_ok")) return;
      return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE,
                     "expected one Welcome, saw another");
    case ToWorker::kStart:
      HandleStart(frame);
      break;
    case ToWorker::kStop:
      HandleStop(frame);
      break;
    case ToWorker::kQuit:
      return HandleQuit(frame);
    case ToWorker::kPing:
      return HandlePing(frame.ping());
    case ToWorker::kReload:
      return HandleReload(frame);
    case ToWorker::kLameDuck:
      if (Faulty("deaf_lame_duck")) requests_.Open(false);
      return;
    case ToWorker::kResult:
      return HandleResult(frame);
    case ToWorker::kUserMessage:
      return HandleMessage(frame);
    default:
      return HandleUnknown(frame);
  }
  last_command_ = Clock::now();
}

void Testee::HandleWelcome(const v1::Welcome& welcome) {
  agreed_.insert(welcome.capabilities().begin(), welcome.capabilities().end());
  timeouts_ = welcome.timeouts();
  bool same = welcome.listeners_size() == static_cast<int>(listeners_.size());
  if (!same && !Faulty("ignores_difference") && !Faulty("needs_listen_pid")) {
    SendFatal("Welcome and DROVER_LISTEN_FDS name different listeners");
    Exit(78);
  }
  state_ = v1::STATE_INITIALIZED;
  if (Faulty("accepts_early") && CheckListener()) requests_.Open(true);
}

void Testee::HandleStart(const ToWorker& frame) {
  bool again = state_ == v1::STATE_STOPPED;
  if (again && !Agreed(v1::CAPABILITY_RESUME) && !Faulty("resumes_unagreed")) {
    return Answer(frame.op(), v1::RESULT_CODE_UNIMPLEMENTED);
  }
  if (state_ == v1::STATE_STARTING && Faulty("second_start_replaces")) {
    start_op_ = frame.op();
    return;
  }
  if (state_ == v1::STATE_STARTED && Faulty("starts_twice")) {
    start_op_ = frame.op();
    return Report(v1::STATE_STARTED, start_op_);
  }
  if ((state_ != v1::STATE_INITIALIZED && !again) ||
      (again && Faulty("no_resume"))) {
    return Answer(frame.op(), v1::RESULT_CODE_INVALID_STATE);
  }
  start_op_ = frame.op();
  state_ = v1::STATE_STARTING;
  int slow = behaviour_.Number("slow-start");
  if (slow == 0) return FinishStart();
  if (!Faulty("no_starting")) Report(v1::STATE_STARTING, start_op_);
  int extend = behaviour_.Number("extend");
  if (extend > 0) SendProgress(static_cast<uint32_t>(extend));
  Set(Timer::kStarted, slow);
}

void Testee::HandleStop(const ToWorker& frame) {
  if (Faulty("exit_on_stop")) Exit(0);
  bool fresh = Clock::now() - last_command_ < kFresh;
  if (fresh && state_ == v1::STATE_STARTED && Faulty("fresh_stop_ignored")) {
    return;
  }
  uint32_t deadline = frame.stop().deadline_ms();
  bool never = deadline == 0 && Faulty("stop_zero_is_never");
  stop_op_ = frame.op();
  requests_.Open(Faulty("accepts_stopped"));
  if (state_ == v1::STATE_INITIALIZED && Faulty("early_stop_ignored")) return;
  if (state_ == v1::STATE_STOPPED && Faulty("second_stop_kills")) Exit(0);
  if (state_ == v1::STATE_STARTING) {
    if (Faulty("started_after_stop")) Set(Timer::kFault, 300);
    Clear(Timer::kStarted);
  }
  if (Faulty("drops_in_flight")) requests_.Abandon();
  if (Faulty("shuts_listener_down")) ::shutdown(requests_.listener(), SHUT_RD);
  bool draining = state_ == v1::STATE_STOPPING;
  state_ = v1::STATE_STOPPING;
  if (requests_.in_flight() == 0) return FinishStop(/*forced=*/false);
  if (!draining && !Faulty("no_stopping")) {
    Report(v1::STATE_STOPPING, stop_op_);
    Set(Timer::kProgress, 0);
  }
  if (Faulty("drains_for_ever") || never) return;
  auto due = Clock::now() + std::chrono::milliseconds(deadline);
  auto former = timers_.find(Timer::kStopDeadline);
  if (former != timers_.end() && !Faulty("takes_stop_deadline")) {
    due = Faulty("keeps_stop_deadline") ? former->second
                                        : std::min(due, former->second);
  }
  timers_[Timer::kStopDeadline] = due;
}

void Testee::HandleQuit(const ToWorker& frame) {
  bool fresh = Clock::now() - last_command_ < kFresh;
  if (fresh && state_ == v1::STATE_STOPPED && Faulty("fresh_quit_ignored")) {
    return;
  }
  bool busy = state_ == v1::STATE_STARTING || state_ == v1::STATE_STOPPING;
  if (busy && Faulty("quit_waits")) return;
  if (Faulty("quit_exit_3")) Exit(3);
  uint32_t deadline = frame.quit().deadline_ms();
  if (deadline == 0 && Faulty("quit_zero_is_never")) deadline = 1000000;
  if (state_ != v1::STATE_SHUTTING_DOWN) {
    return BeginShutdown(deadline, frame.op());
  }
  if (Faulty("keeps_quit_deadline")) return;
  auto due = Clock::now() + std::chrono::milliseconds(deadline);
  auto former = timers_.find(Timer::kExit);
  timers_[Timer::kExit] =
      former == timers_.end() ? due : std::min(due, former->second);
}

void Testee::HandlePing(const v1::Ping& ping) {
  if ((state_ == v1::STATE_INITIALIZED && Faulty("no_pong_early")) ||
      (state_ == v1::STATE_STOPPED && Faulty("no_pong_stopped")) ||
      (state_ == v1::STATE_STARTING && Faulty("loses_ping_on_the_way")) ||
      (ping.id() == 0 && Faulty("id_zero"))) {
    return;
  }
  last_ping_ = ping.id();
  v1::ToSupervisor frame;
  frame.mutable_pong()->set_id(
      Faulty("id_32_bits") ? static_cast<uint32_t>(ping.id()) : ping.id());
  channel_.Send(frame);
  if (Faulty("pong_twice")) Set(Timer::kFault, 500);
}

void Testee::HandleReload(const ToWorker& frame) {
  if (!Agreed(v1::CAPABILITY_RELOAD)) return HandleUnknown(frame);
  if (state_ != v1::STATE_STARTED && !Faulty("reload_anywhere")) {
    return Answer(frame.op(), v1::RESULT_CODE_INVALID_STATE);
  }
  if (Faulty("reload_unanswered")) return;
  bool fails = behaviour_.Asked("reload-fails");
  if (fails && Faulty("reload_kills")) Exit(1);
  Answer(frame.op(), fails ? v1::RESULT_CODE_FAILED : v1::RESULT_CODE_OK);
}

void Testee::HandleMessage(const ToWorker& frame) {
  if (!Agreed(v1::CAPABILITY_USER_MESSAGES)) return HandleUnknown(frame);
  if (frame.op() == 0 || frame.re() != 0 || Faulty("message_unanswered")) {
    return;
  }
  bool refused =
      !IsTopic(frame.user_message().topic()) && !Faulty("topic_unchecked");
  Answer(frame.op(), refused ? v1::RESULT_CODE_FAILED : v1::RESULT_CODE_OK);
}

void Testee::HandleResult(const ToWorker& frame) {
  bool odd = frame.re() == 0 || frame.re() > next_op_;
  if (odd && Faulty("exits_at_odd_answer")) Exit(1);
  if (odd) return;
  bool refused = frame.result().code() != v1::RESULT_CODE_OK;
  if (refused && Faulty("dies_of_refusal")) Exit(1);
  if (frame.re() != request_op_) return;
  request_op_ = 0;
  if (refused && Faulty("exits_when_denied")) Exit(0);
  if (!refused && Faulty("quits_when_granted")) Exit(0);
  bool insists = Faulty("insists") ||
                 (Faulty("insists_at_stop") && state_ != v1::STATE_STARTED);
  if (refused && insists) Set(Timer::kAsk, 100);
}

void Testee::HandleUnknown(const ToWorker& frame) {
  if (Faulty("unknown_body_exits") && frame.op() == 0) {
    return Violate(v1::PROTOCOL_ERROR_CODE_SEQUENCE, "an unknown body");
  }
  bool unanswerable = frame.re() != 0 && !Faulty("answers_answers");
  if (frame.op() == 0 || unanswerable || Faulty("unknown_body_silent")) return;
  Answer(frame.op(), v1::RESULT_CODE_UNIMPLEMENTED);
}

void Testee::Violate(v1::ProtocolErrorCode code, const std::string& text) {
  v1::ToSupervisor frame;
  frame.mutable_protocol_error()->set_code(code);
  if (!Faulty("error_without_text")) {
    frame.mutable_protocol_error()->set_text(text);
  }
  channel_.Send(frame);
  if (Faulty("talks_after_error")) {
    v1::ToSupervisor pong;
    pong.mutable_pong()->set_id(last_ping_);
    channel_.Send(pong);
  }
  if (Faulty("error_waits")) {
    channel_.ForgetInput();
    return;
  }
  Exit(kExitProtocol);
}

void Testee::Answer(uint64_t op, v1::ResultCode code) {
  v1::ToSupervisor frame;
  frame.set_re(op);
  frame.mutable_result()->set_code(code);
  channel_.Send(frame);
}

}  // namespace drover::conformance
