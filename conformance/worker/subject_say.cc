// What the suite says to the worker.
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/text.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;

bool Has(const google::protobuf::RepeatedField<uint32_t>& list,
         uint32_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

bool Subject::Offers(uint32_t capability) const {
  return Has(hello_.capabilities(), capability);
}

void Subject::Require(uint32_t capability) {
  if (Offers(capability)) return;
  std::string name =
      v1::Capability_Name(static_cast<v1::Capability>(capability));
  trial_.NotApplicable(absl::StrCat("Hello does not offer ", name));
}

v1::Welcome Subject::MakeWelcome(const std::vector<uint32_t>& more) {
  std::vector<uint32_t> wanted = {v1::CAPABILITY_RELOAD, v1::CAPABILITY_RESUME,
                                  v1::CAPABILITY_LAME_DUCK};
  wanted.insert(wanted.end(), more.begin(), more.end());
  v1::Welcome welcome;
  for (uint32_t capability : wanted) {
    if (Offers(capability)) welcome.add_capabilities(capability);
  }
  v1::Identity* identity = welcome.mutable_identity();
  identity->set_pool("conformance");
  identity->set_slot(1);
  identity->set_generation(2);
  identity->set_incarnation(3);
  v1::Timeouts* timeouts = welcome.mutable_timeouts();
  timeouts->set_start_ms(10000);
  timeouts->set_stop_ms(10000);
  timeouts->set_quit_ms(5000);
  timeouts->set_loss_ms(1000);
  timeouts->set_ping_interval_ms(10000);
  timeouts->set_ping_timeout_ms(10000);
  for (const auto& [number, name] : listener_names_) {
    v1::Listener* listener = welcome.add_listeners();
    listener->set_fd(static_cast<uint32_t>(number));
    listener->set_name(name);
    listener->set_address("tcp://127.0.0.1:0");
  }
  welcome.set_supervisor("drover-conformance");
  return welcome;
}

void Subject::SendWelcome(const std::vector<uint32_t>& more) {
  ToWorker frame;
  *frame.mutable_welcome() = MakeWelcome(more);
  Send(frame);
}

void Subject::Send(const ToWorker& frame) {
  SendRaw(frame.SerializeAsString(), frame);
}

void Subject::SendRaw(absl::string_view body, const ToWorker& meaning) {
  trial_.LogSent(Describe(meaning));
  monitor_.Sent(meaning);
  SendBytes(Framed(body));
}

void Subject::SendTogether(const std::vector<ToWorker>& frames) {
  std::string bytes;
  for (const ToWorker& frame : frames) {
    trial_.LogSent(Describe(frame));
    monitor_.Sent(frame);
    absl::StrAppend(&bytes, Framed(frame.SerializeAsString()));
  }
  SendBytes(bytes);
}

// A worker that is gone or has hung up hears nothing; what is expected next
// says so.
void Subject::SendBytes(absl::string_view bytes) {
  Clock::time_point deadline = Clock::now() + trial_.plan().Patience();
  while (!bytes.empty() && channel_.open()) {
    ssize_t sent =
        ::send(channel_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) {
      if (!Pump(deadline, /*want_to_write=*/true)) return;
    } else if (errno != EINTR) {
      return;
    }
  }
}

ToWorker Subject::StartFrame(uint32_t deadline_ms) {
  ToWorker frame;
  frame.set_op(NextOp());
  frame.mutable_start()->set_deadline_ms(deadline_ms);
  return frame;
}

ToWorker Subject::StopFrame(uint32_t deadline_ms) {
  ToWorker frame;
  frame.set_op(NextOp());
  frame.mutable_stop()->set_deadline_ms(deadline_ms);
  frame.mutable_stop()->set_cause(v1::CAUSE_MAINTENANCE);
  return frame;
}

ToWorker Subject::QuitFrame(uint32_t deadline_ms) {
  ToWorker frame;
  frame.set_op(NextOp());
  frame.mutable_quit()->set_deadline_ms(deadline_ms);
  frame.mutable_quit()->set_cause(v1::CAUSE_SHUTDOWN);
  return frame;
}

ToWorker Subject::PingFrame() {
  ToWorker frame;
  frame.mutable_ping()->set_id(++ping_id_);
  return frame;
}

uint64_t Subject::Start(uint32_t deadline_ms) {
  Send(StartFrame(deadline_ms));
  return op_;
}

uint64_t Subject::Stop(uint32_t deadline_ms) {
  Send(StopFrame(deadline_ms));
  return op_;
}

uint64_t Subject::Quit(uint32_t deadline_ms) {
  Send(QuitFrame(deadline_ms));
  return op_;
}

uint64_t Subject::Reload(uint32_t deadline_ms) {
  ToWorker frame;
  frame.set_op(NextOp());
  frame.mutable_reload()->set_deadline_ms(deadline_ms);
  Send(frame);
  return op_;
}

uint64_t Subject::Ping() {
  Send(PingFrame());
  return ping_id_;
}

void Subject::Ping(uint64_t id) {
  ping_id_ = std::max(ping_id_, id);
  ToWorker frame;
  frame.mutable_ping()->set_id(id);
  Send(frame);
}

void Subject::HangUp() {
  monitor_.MayLeave();
  trial_.LogEvent("the suite closes the channel");
  channel_.Close();
  channel_ended_ = true;
}

void Subject::HalfClose() {
  monitor_.MayLeave();
  trial_.LogEvent("the suite ends its sending half");
  ::shutdown(channel_.get(), SHUT_WR);
}

void Subject::Signal(int number) {
  monitor_.MayLeave();
  trial_.LogEvent(absl::StrCat("the suite sends signal ", number));
  if (hello_.pid() != 0 && speaker() != pid()) {
    process_->SignalGroup(number);
  } else {
    process_->Signal(number);
  }
}

}  // namespace drover::conformance
