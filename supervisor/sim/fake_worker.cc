#include "supervisor/sim/fake_worker.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "supervisor/wire/message.h"

namespace drover::sim {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

FakeWorker::FakeWorker(core::Incarnation incarnation, Temper temper, Host& host)
    : incarnation_(incarnation), temper_(std::move(temper)), host_(host) {}

void FakeWorker::Begin() {
  Occur(Occasion::kSpawned);
  After(Pace(), [this] { SayHello(); });
}

void FakeWorker::After(absl::Duration delay, std::function<void()> deed) {
  host_.nature().At(host_.now() + delay, [weak = weak_from_this(),
                                          deed = std::move(deed)]() mutable {
    auto self = weak.lock();
    if (self == nullptr || !self->Acts()) return;
    if (self->frozen_) {
      self->when_continued_.push_back(std::move(deed));
    } else {
      deed();
    }
  });
}

void FakeWorker::Then(absl::Duration delay, std::function<void()> step) {
  After(delay, [this, command = commands_, step = std::move(step)] {
    if (command == commands_) step();
  });
}

absl::Duration FakeWorker::Pace() {
  if (slow_) return host_.chance().Between(absl::Seconds(20), absl::Minutes(5));
  return host_.chance().Between(absl::ZeroDuration(), temper_.pace);
}

void FakeWorker::SayHello() {
  const bool odd = temper_.trouble == Trouble::kWrongVersion && !conforming_;
  ToSupervisor message;
  auto* hello = message.mutable_hello();
  hello->set_major(odd ? 7 : 1);
  hello->set_pid(static_cast<uint32_t>(incarnation_));
  for (uint32_t capability : temper_.capabilities) {
    hello->add_capabilities(capability);
  }
  Say(std::move(message));
}

void FakeWorker::Deliver(std::string frame) {
  inbox_.push_back(std::move(frame));
  if (std::exchange(reads_soon_, true)) return;
  After(Pace(), [this] { ReadInbox(); });
}

void FakeWorker::ReadInbox() {
  reads_soon_ = false;
  while (!inbox_.empty()) {
    reader_.Append(inbox_.front());
    inbox_.pop_front();
  }
  while (Acts() && !frozen_) {
    auto body = reader_.Next();
    if (!body.ok() || !body->has_value()) break;
    ToWorker message;
    message.ParseFromArray((*body)->data(), static_cast<int>((*body)->size()));
    Hear(message);
  }
  if (frozen_) when_continued_.push_back([this] { ReadInbox(); });
}

void FakeWorker::Hear(const ToWorker& message) {
  switch (message.body_case()) {
    case ToWorker::kWelcome:
      return HearWelcome(message.welcome());
    case ToWorker::kStart:
      return HearStart(message);
    case ToWorker::kStop:
      return HearStop(message);
    case ToWorker::kQuit:
      return HearQuit(message.op());
    case ToWorker::kReload:
      return HearReload(message.op());
    case ToWorker::kPing:
      Occur(Occasion::kPinged);
      return After(Pace(), [this, id = message.ping().id()] {
        ToSupervisor pong;
        pong.mutable_pong()->set_id(id);
        Say(std::move(pong));
      });
    case ToWorker::kProtocolError:
      return After(Pace(), [this] { Exit(0, 76); });
    default:
      break;
  }
}

void FakeWorker::HearWelcome(const worker::v1::Welcome& welcome) {
  agreed_.assign(welcome.capabilities().begin(), welcome.capabilities().end());
  state_ = worker::v1::STATE_INITIALIZED;
  if (temper_.talkative) Report(state_);
  Occur(Occasion::kWelcomed);
}

void FakeWorker::BeginCommand(uint64_t op) {
  command_op_ = op;
  ++commands_;
}

void FakeWorker::HearStart(const ToWorker& message) {
  Occur(Occasion::kToldToStart);
  if (!Acts() || Refuses(message.op())) return;
  BeginCommand(message.op());
  Enter(worker::v1::STATE_STARTING);
  absl::Duration needed = temper_.start_time + Pace();
  Extend(needed, message.start().deadline_ms());
  Then(needed, [this] {
    state_ = worker::v1::STATE_STARTED;
    Report(state_);
    Occur(Occasion::kStarted);
    Then(host_.chance().Between(absl::ZeroDuration(), temper_.chatter),
         [this] { Chat(); });
  });
}

void FakeWorker::HearStop(const ToWorker& message) {
  Occur(Occasion::kToldToStop);
  if (!Acts() || Refuses(message.op())) return;
  const bool serves = state_ == worker::v1::STATE_STARTED;
  BeginCommand(message.op());
  Enter(worker::v1::STATE_STOPPING);
  absl::Duration needed = Pace();
  if (serves) needed += temper_.drain_time;
  const absl::Duration allowed =
      absl::Milliseconds(int64_t{message.stop().deadline_ms()});
  const bool gives_up = !Extend(needed, message.stop().deadline_ms()) &&
                        !slow_ && needed > allowed;
  if (gives_up) needed = allowed;
  Then(needed, [this, gives_up] {
    state_ = worker::v1::STATE_STOPPED;
    ToSupervisor report;
    report.set_re(command_op_);
    report.mutable_state()->set_state(state_);
    report.mutable_state()->set_forced(gives_up);
    Say(std::move(report));
    Occur(Occasion::kStopped);
  });
}

void FakeWorker::HearQuit(uint64_t op) {
  Occur(Occasion::kToldToQuit);
  if (!Acts()) return;
  BeginCommand(op);
  Enter(worker::v1::STATE_SHUTTING_DOWN);
  Then(Pace(), [this] { Exit(0, 0); });
}

void FakeWorker::HearReload(uint64_t op) {
  Occur(Occasion::kToldToReload);
  if (!Acts() || Refuses(op)) return;
  After(Pace(), [this, op] {
    ToSupervisor message;
    message.set_re(op);
    message.mutable_result()->set_code(temper_.trouble == Trouble::kFails
                                           ? worker::v1::RESULT_CODE_FAILED
                                           : worker::v1::RESULT_CODE_OK);
    Say(std::move(message));
  });
}

// A worker that needs longer than it was given says so, and gets it, within
// bounds.
bool FakeWorker::Extend(absl::Duration needed, uint32_t deadline_ms) {
  if (!temper_.extends && !slow_) return false;
  if (!Has(worker::v1::CAPABILITY_PROGRESS)) return false;
  ToSupervisor message;
  auto* progress = message.mutable_progress();
  progress->set_extend_ms(
      static_cast<uint32_t>(absl::ToInt64Milliseconds(needed)) + deadline_ms);
  progress->set_in_flight(static_cast<uint32_t>(host_.chance().Below(9)));
  Say(std::move(message));
  return true;
}

void FakeWorker::Enter(worker::v1::State state) {
  state_ = state;
  if (temper_.talkative) Report(state);
}

void FakeWorker::Report(worker::v1::State state, absl::string_view text) {
  ToSupervisor message;
  message.set_re(state == worker::v1::STATE_INITIALIZED ? 0 : command_op_);
  message.mutable_state()->set_state(state);
  message.mutable_state()->set_text(std::string(text));
  Say(std::move(message));
}

void FakeWorker::Say(ToSupervisor message) {
  std::string frame;
  if (!wire::AppendFrame(message.SerializeAsString(), wire::kWorkerFrameMax,
                         &frame)
           .ok()) {
    return;
  }
  Write(frame);
}

void FakeWorker::Write(absl::string_view bytes) {
  if (closed_) return;
  written_.append(bytes.data(), bytes.size());
  host_.OnReadable(incarnation_);
}

// Of its own accord.
void FakeWorker::Chat() {
  if (!host_.troubled()) return;
  ToSupervisor message;
  switch (host_.chance().Below(6)) {
    case 0:
      if (!Has(worker::v1::CAPABILITY_REQUEST)) break;
      message.set_op(++last_op_);
      message.mutable_request()->set_kind(
          static_cast<worker::v1::RequestKind>(host_.chance().Between(1, 4)));
      break;
    case 1:
      if (!Has(worker::v1::CAPABILITY_USER_MESSAGES)) break;
      message.set_op(host_.chance().OneIn(2) ? ++last_op_ : 0);
      message.mutable_user_message()->set_topic("cache");
      message.mutable_user_message()->set_payload("warm");
      break;
    case 2: {
      if (!Has(worker::v1::CAPABILITY_GAUGES)) break;
      auto* gauge = message.mutable_gauges()->add_gauges();
      gauge->set_name("load");
      gauge->set_value(static_cast<double>(host_.chance().Below(100)));
      break;
    }
    case 3:
      if (!Has(worker::v1::CAPABILITY_PROGRESS)) break;
      message.mutable_progress()->set_text("busy");
      break;
    default:
      message.set_re(command_op_);
      message.mutable_state()->set_state(state_);
      message.mutable_state()->set_text("fine");
      break;
  }
  if (message.body_case() != ToSupervisor::BODY_NOT_SET) {
    Say(std::move(message));
  }
  Then(temper_.chatter, [this] { Chat(); });
}

void FakeWorker::Signal(int signal) {
  if (!alive_) return;
  switch (signal) {
    case SIGKILL:
      if (!outlives_kill_) return Exit(SIGKILL, 0);
      OutliveKill();
      break;
    case SIGCONT:
      if (!std::exchange(frozen_, false)) break;
      host_.OnContinued(incarnation_);
      for (auto& deed : std::exchange(when_continued_, {})) After({}, deed);
      break;
    case SIGSTOP:
      if (std::exchange(frozen_, true)) break;
      host_.OnStopped(incarnation_);
      break;
    case SIGABRT:
      if (minds_signals_) Exit(SIGABRT, 0);
      break;
    case SIGTERM:
      if (!minds_signals_) break;
      if (frozen_) {
        when_continued_.push_front([this] { OnTerm(); });
      } else {
        OnTerm();
      }
      break;
    default:
      break;  // asked to dump its state, which it does in silence
  }
}

// As in an uninterruptible sleep: it ends, but not now.
void FakeWorker::OutliveKill() {
  if (std::exchange(doomed_, true)) return;
  hung_ = true;
  minds_signals_ = false;
  host_.nature().At(
      host_.now() + host_.chance().Between(absl::Seconds(1), absl::Seconds(25)),
      [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->Exit(SIGKILL, 0);
      });
}

void FakeWorker::OnTerm() {
  Occur(Occasion::kSignalled);
  if (!alive_) return;
  if (hung_ || !temper_.minds_term || state_ == worker::v1::STATE_UNSPECIFIED) {
    return Exit(SIGTERM, 0);
  }
  // Told by somebody else than the supervisor, as far as it knows.
  if (state_ != worker::v1::STATE_SHUTTING_DOWN) {
    ++commands_;
    state_ = worker::v1::STATE_SHUTTING_DOWN;
    ToSupervisor message;
    message.mutable_state()->set_state(state_);
    Say(std::move(message));
  }
  Then(Pace(), [this] { Exit(0, 0); });
}

void FakeWorker::Close() {
  if (std::exchange(closed_, true)) return;
  host_.OnReadable(incarnation_);
}

void FakeWorker::Exit(int signal, int code) {
  if (!std::exchange(alive_, false)) return;
  exit_signal_ = signal;
  exit_code_ = code;
  // As the kernel does it: the channel closes first.
  Close();
  host_.OnDied(incarnation_);
}

bool FakeWorker::Has(worker::v1::Capability capability) const {
  return std::find(agreed_.begin(), agreed_.end(),
                   static_cast<uint32_t>(capability)) != agreed_.end();
}

}  // namespace drover::sim
