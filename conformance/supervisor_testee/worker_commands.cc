// What a worker is told.
#include "conformance/supervisor_testee/worker.h"

namespace drover::conformance {

namespace v1 = worker::v1;

namespace {

// What this supervisor can do with.
constexpr uint32_t kKnown = v1::CAPABILITY_LAME_DUCK;
// User messages are refused while more than that waits, so that commands find
// the queue short.
constexpr size_t kRoomForCommands = 32;
constexpr int kMessageSize = 500;

uint32_t Count(Worker::Milliseconds time) {
  return static_cast<uint32_t>(time.count());
}

}  // namespace

uint64_t Worker::Issue(v1::ToWorker frame) {
  if (!Faulty("op_repeats") || op_ == 0) ++op_;
  frame.set_op(op_);
  channel_.Send(frame);
  return op_;
}

void Worker::Command(v1::ToWorker frame, Phase phase, Milliseconds time) {
  command_op_ = Issue(std::move(frame));
  phase_ = phase;
  if (reload_ == Reload::kRunning) reload_ = Reload::kFailed;
  bool grace = !Faulty("no_answer_grace");
  SetDeadline(time + (grace ? settings_.answer_grace : Milliseconds(0)));
}

void Worker::SendStart() {
  v1::ToWorker frame;
  frame.mutable_start()->set_deadline_ms(Count(settings_.start));
  Command(std::move(frame), Phase::kStarting, settings_.start);
}

void Worker::SendStop() {
  v1::ToWorker frame;
  frame.mutable_stop()->set_deadline_ms(Count(settings_.stop));
  frame.mutable_stop()->set_cause(v1::CAUSE_MAINTENANCE);
  Command(std::move(frame), Phase::kStopping,
          settings_.stop + granted_in_started_);
}

void Worker::SendQuit() {
  v1::ToWorker frame;
  frame.mutable_quit()->set_deadline_ms(Count(settings_.quit));
  frame.mutable_quit()->set_cause(v1::CAUSE_MAINTENANCE);
  quit_sent_ = true;
  Command(frame, Phase::kShuttingDown, settings_.quit);
  if (Faulty("half_closes")) channel_.HalfClose();
  if (Faulty("repeats_stop")) {
    v1::ToWorker again;
    again.mutable_stop();
    Issue(again);
  }
}

void Worker::SendPing(Clock::time_point now) {
  v1::ToWorker frame;
  frame.mutable_ping()->set_id(++ping_);
  ping_waits_ = true;
  ping_sent_ = now;
  next_ping_ = now + settings_.ping_interval;
  channel_.Send(frame);
}

void Worker::SendWelcome(const v1::Hello& hello) {
  v1::ToWorker frame;
  v1::Welcome* welcome = frame.mutable_welcome();
  for (uint32_t capability : hello.capabilities()) {
    if (capability == 0 || capability > kKnown) continue;
    if (agreed_.insert(capability).second) {
      welcome->add_capabilities(capability);
    }
  }
  v1::Identity* identity = welcome->mutable_identity();
  identity->set_pool("app");
  identity->set_slot(place_.slot);
  identity->set_generation(1);
  identity->set_incarnation(Faulty("same_incarnation") ? 1
                                                       : place_.incarnation);
  v1::Timeouts* timeouts = welcome->mutable_timeouts();
  timeouts->set_start_ms(Count(settings_.start));
  timeouts->set_stop_ms(Count(settings_.stop));
  timeouts->set_quit_ms(Count(settings_.quit));
  timeouts->set_loss_ms(Count(settings_.loss));
  timeouts->set_ping_interval_ms(Count(settings_.ping_interval));
  timeouts->set_ping_timeout_ms(Count(settings_.ping_timeout));
  if (place_.listener >= 0) {
    v1::Listener* listener = welcome->add_listeners();
    listener->set_fd(static_cast<uint32_t>(place_.listener));
    listener->set_name(settings_.listener);
  }
  welcome->set_supervisor("supervisor_testee");
  channel_.Send(frame);
}

bool Worker::SendReload() {
  bool anywhere = Faulty("reloads_anywhere") && phase_ != Phase::kSpawned;
  bool possible = Agreed(v1::CAPABILITY_RELOAD) &&
                  reload_ != Reload::kRunning &&
                  (phase_ == Phase::kStarted || anywhere);
  if (!possible) return false;
  v1::ToWorker frame;
  frame.mutable_reload()->set_deadline_ms(Count(settings_.reload));
  reload_op_ = Issue(std::move(frame));
  reload_ = Reload::kRunning;
  reload_deadline_ = Clock::now() + settings_.reload + settings_.answer_grace;
  return true;
}

void Worker::SendMessage() {
  if (!Agreed(v1::CAPABILITY_USER_MESSAGES)) return;
  bool full = channel_.queued_frames() >= kRoomForCommands;
  if (full && !Faulty("messages_first")) return;
  v1::ToWorker frame;
  frame.mutable_user_message()->set_topic("conformance.topic");
  frame.mutable_user_message()->set_payload(std::string(kMessageSize, 'x'));
  channel_.Send(frame);
}

void Worker::SendError(v1::ProtocolErrorCode code) {
  v1::ToWorker frame;
  frame.mutable_protocol_error()->set_code(code);
  channel_.Send(frame);
  channel_.Mute();
}

void Worker::Answer(uint64_t op, v1::ResultCode code) {
  v1::ToWorker frame;
  frame.set_re(op);
  frame.mutable_result()->set_code(code);
  channel_.Send(frame);
}

void Worker::Violate(v1::ProtocolErrorCode code) {
  SendError(code);
  Fail("VIOLATION");
}

}  // namespace drover::conformance
