#include "conformance/supervisor/actor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "conformance/supervisor/stage.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/text.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr uint32_t kMinor = 0;

}  // namespace

Actor::Actor(Stage& stage, Fd orders)
    : stage_(stage), trial_(stage.trial()), orders_(std::move(orders)) {
  char text[16384];
  char control[CMSG_SPACE(sizeof(int))] = {};
  iovec bytes = {text, sizeof(text)};
  msghdr message = {};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ssize_t size = ::recvmsg(orders_.get(), &message, MSG_CMSG_CLOEXEC);
  if (size <= 0) {
    dead_ = true;
    return;
  }
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message)) {
    int fd = -1;
    ::memcpy(&fd, CMSG_DATA(header), sizeof(int));
    channel_ = Fd(fd);
    SetNonBlocking(fd);
  }
  Introduce(std::string(text, static_cast<size_t>(size)));
}

void Actor::Introduce(const std::string& text) {
  facts_ = absl::StrSplit(text, '\n', absl::SkipEmpty());
  std::vector<std::string> pids = Facts("pid");
  if (!pids.empty()) (void)absl::SimpleAtoi(pids[0], &pid_);
  trial_.LogEvent(absl::StrCat("worker ", pid_, " started"));
}

std::vector<std::string> Actor::Facts(absl::string_view word) const {
  std::vector<std::string> found;
  for (const std::string& fact : facts_) {
    std::string prefix = absl::StrCat(word, " ");
    if (absl::StartsWith(fact, prefix)) {
      found.push_back(fact.substr(prefix.size()));
    }
  }
  return found;
}

std::string Actor::Name() const { return absl::StrCat("[", pid_, "] "); }

std::string Actor::Variable(absl::string_view name) const {
  std::string prefix = absl::StrCat(name, "=");
  for (const std::string& entry : Facts("environment")) {
    if (absl::StartsWith(entry, prefix)) return entry.substr(prefix.size());
  }
  return "";
}

std::string Actor::Channel() const {
  std::string number = absl::StrCat(Variable("DROVER_FD"), " ");
  for (const std::string& fact : Facts("fd")) {
    if (absl::StartsWith(fact, number)) return fact.substr(fact.rfind(' '));
  }
  return "";
}

bool Actor::Sees(absl::string_view message) const {
  for (const std::string& each : messages_) {
    if (each == message) return true;
  }
  return false;
}

size_t Actor::Unread() const {
  int bytes = 0;
  return ::ioctl(channel_.get(), FIONREAD, &bytes) == 0
             ? static_cast<size_t>(bytes)
             : 0;
}

// ---- What the worker says

void Actor::Send(const ToSupervisor& frame) {
  SendRaw(frame.SerializeAsString(), frame);
}

void Actor::SendRaw(absl::string_view body, const ToSupervisor& meaning) {
  trial_.LogSent(Name() + Describe(meaning));
  monitor_.Sent(meaning);
  std::string bytes = Framed(body);
  Clock::time_point deadline = Clock::now() + trial_.plan().Patience();
  absl::string_view left = bytes;
  while (!left.empty() && channel_.open()) {
    ssize_t sent =
        ::send(channel_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      left.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN && Clock::now() < deadline) {
      stage_.PumpFor(1ms);
    } else if (errno != EINTR) {
      return;
    }
  }
}

// Not watched: the case knows what comes of them.
void Actor::SendBytes(absl::string_view bytes) {
  trial_.LogSent(absl::StrCat(Name(), "bytes: ", Hex(bytes)));
  monitor_.MayBeRefused();
  ::send(channel_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void Actor::SendPart(absl::string_view bytes, const ToSupervisor* meaning) {
  if (meaning != nullptr) {
    trial_.LogSent(Name() + Describe(*meaning));
    monitor_.Sent(*meaning);
  }
  ::send(channel_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

void Actor::AwaitRead() {
  Clock::time_point deadline = Clock::now() + trial_.plan().Granted(0ms);
  do {
    stage_.PumpFor(1ms);
  } while (!HasBeenRead(channel_.get()) && Clock::now() < deadline);
}

void Actor::Hello(const std::vector<uint32_t>& capabilities) {
  ToSupervisor frame;
  v1::Hello* hello = frame.mutable_hello();
  hello->set_major(1);
  hello->set_minor(kMinor);
  for (uint32_t capability : capabilities) hello->add_capabilities(capability);
  hello->set_pid(static_cast<uint32_t>(pid_));
  hello->set_name("puppet");
  hello->set_pong_source(v1::PONG_SOURCE_MAIN_LOOP);
  Send(frame);
}

void Actor::State(int state, uint64_t re, absl::string_view text) {
  ToSupervisor frame;
  frame.set_re(re);
  frame.mutable_state()->set_state(static_cast<v1::State>(state));
  frame.mutable_state()->set_text(std::string(text));
  Send(frame);
}

void Actor::Pong(uint64_t id) {
  ToSupervisor frame;
  frame.mutable_pong()->set_id(id);
  Send(frame);
}

void Actor::CloseChannel() {
  OrderAndWait("close");
  LetGo();
}

void Actor::LetGo() {
  trial_.LogEvent(Name() + "the suite lets go of the channel");
  channel_.Close();
  channel_ended_ = true;
}

// ---- What the process does

void Actor::Order(const std::string& order) {
  trial_.LogEvent(absl::StrCat(Name(), "order: ", order));
  ::send(orders_.get(), order.data(), order.size(), MSG_NOSIGNAL);
}

void Actor::OrderAndWait(const std::string& order) {
  Order(order);
  AwaitMessage("done");
}

std::string Actor::AwaitMessage(absl::string_view begin) {
  Clock::time_point deadline = Clock::now() + trial_.plan().Patience();
  while (true) {
    for (auto each = messages_.begin(); each != messages_.end(); ++each) {
      if (!absl::StartsWith(*each, begin)) continue;
      std::string message = *each;
      messages_.erase(each);
      return message;
    }
    if (dead_ || !stage_.Pump(deadline)) {
      trial_.Broken(absl::StrCat("the puppet does not say: ", begin));
    }
  }
}

void Actor::ExitWith(int code) {
  LetGo();
  Order(absl::StrCat("exit ", code));
}

// ---- What the supervisor says

std::optional<ToWorker> Actor::NextOfAny(Milliseconds limit) {
  Clock::time_point deadline = Clock::now() + limit;
  while (frames_.empty()) {
    if (dead_ || channel_ended_) return std::nullopt;
    if (!stage_.Pump(deadline)) return std::nullopt;
  }
  ToWorker frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

ToWorker Actor::Next(absl::string_view clause, absl::string_view expected,
                     std::optional<Milliseconds> limit) {
  Milliseconds patience = limit.value_or(trial_.plan().Patience());
  Clock::time_point deadline = Clock::now() + patience;
  while (true) {
    auto left = std::chrono::duration_cast<Milliseconds>(
        std::max<Clock::duration>(deadline - Clock::now(), 0ms));
    auto frame = NextOfAny(left);
    if (frame && SupervisorMonitor::Optional(*frame)) continue;
    if (frame) return *frame;
    std::string seen = dead_            ? "the process is gone"
                       : channel_ended_ ? "the channel ended"
                                        : "nothing";
    trial_.Miss(clause, expected, absl::StrCat(seen, stage_.why()));
    return {};
  }
}

ToWorker Actor::Greet(const std::vector<uint32_t>& capabilities) {
  Hello(capabilities);
  ToWorker frame = Next("DRV-HELLO-11", "Welcome");
  if (!frame.has_welcome()) {
    trial_.Miss("DRV-HELLO-11", "Welcome", Describe(frame));
  }
  return frame;
}

uint64_t Actor::ExpectCommand(bool (ToWorker::*has)() const, const char* name,
                              absl::string_view clause,
                              std::optional<Milliseconds> limit) {
  ToWorker frame = Next(clause, name, limit);
  if (!(frame.*has)()) trial_.Miss(clause, name, Describe(frame));
  return frame.op();
}

uint64_t Actor::ExpectStart(absl::string_view clause) {
  return ExpectCommand(&ToWorker::has_start, "Start", clause, std::nullopt);
}

uint64_t Actor::ExpectStop(absl::string_view clause,
                           std::optional<Milliseconds> limit) {
  return ExpectCommand(&ToWorker::has_stop, "Stop", clause, limit);
}

uint64_t Actor::ExpectQuit(absl::string_view clause,
                           std::optional<Milliseconds> limit) {
  return ExpectCommand(&ToWorker::has_quit, "Quit", clause, limit);
}

void Actor::Start() {
  Greet();
  State(v1::STATE_STARTED, ExpectStart());
}

void Actor::ExpectError(absl::string_view clause, int code) {
  monitor_.MayBeRefused();
  std::string expected = absl::StrCat("ProtocolError{", ErrorName(code), "}");
  ToWorker frame = Next(clause, expected);
  while (!frame.has_protocol_error() && !frame.has_welcome() &&
         !frame.has_start() && frame.body_case() != ToWorker::BODY_NOT_SET) {
    frame = Next(clause, expected);
  }
  if (frame.protocol_error().code() != code) {
    trial_.Miss(clause, expected, Describe(frame));
  }
}

void Actor::ExpectDeath(absl::string_view clause, Milliseconds limit) {
  Clock::time_point deadline = Clock::now() + trial_.plan().Granted(limit);
  while (!dead_) {
    if (stage_.Pump(deadline)) continue;
    trial_.Miss(
        clause,
        absl::StrCat("the end of the process within ", limit.count(), " ms"),
        "it lives");
    return;
  }
}

void Actor::ExpectGoodTermsFrom(absl::string_view clause, uint64_t op) {
  op_ = std::max(op_, op - 1);
  ExpectGoodTerms(clause);
}

void Actor::AskUnknown() {
  ToSupervisor question;
  question.set_op(++op_);
  trial_.LogSent(Name() + "an unknown body, op " + absl::StrCat(op_));
  // Field 99, empty.
  std::string body =
      question.SerializeAsString() + std::string("\x9a\x06\x00", 3);
  SendRaw(body, question);
}

void Actor::ExpectRefusal(absl::string_view clause, const ToWorker& frame) {
  if (frame.result().code() == v1::RESULT_CODE_UNIMPLEMENTED &&
      frame.re() == op_) {
    return;
  }
  trial_.Miss(clause, absl::StrCat("Result{UNIMPLEMENTED} re ", op_),
              Describe(frame));
}

void Actor::ExpectGoodTerms(absl::string_view clause) {
  AskUnknown();
  ExpectRefusal(clause, Next(clause, "Result{UNIMPLEMENTED}"));
}

void Actor::ExpectGoodTermsAndObey(absl::string_view clause) {
  AskUnknown();
  ToWorker frame = Next(clause, "Result{UNIMPLEMENTED}");
  while (Obey(frame)) frame = Next(clause, "Result{UNIMPLEMENTED}");
  ExpectRefusal(clause, frame);
}

bool Actor::Obey(const ToWorker& frame) {
  if (frame.has_start()) {
    State(v1::STATE_STARTED, frame.op());
  } else if (frame.has_reload()) {
    ToSupervisor done;
    done.set_re(frame.op());
    done.mutable_result()->set_code(v1::RESULT_CODE_OK);
    Send(done);
  } else {
    return false;
  }
  return true;
}

// ---- For the stage

void Actor::AddTo(std::vector<pollfd>& polled) const {
  if (!dead_) polled.push_back({orders_.get(), POLLIN, 0});
  if (channel_.open() && !channel_ended_ && !held_) {
    polled.push_back({channel_.get(), POLLIN, 0});
  }
}

void Actor::Handle(const pollfd& ready) {
  if (ready.revents == 0) return;
  if (ready.fd == orders_.get()) ReadOrders();
  if (ready.fd == channel_.get()) ReadChannel();
}

void Actor::ReadOrders() {
  char buffer[512];
  ssize_t size = ::recv(orders_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size > 0) {
    messages_.emplace_back(buffer, static_cast<size_t>(size));
    trial_.LogEvent(Name() + messages_.back());
    return;
  }
  dead_ = true;
  trial_.LogEvent(Name() + "the process is gone");
}

void Actor::ReadChannel() {
  char buffer[65536];
  ssize_t size = ::recv(channel_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0 && errno == ECONNRESET) return;
  if (size <= 0) {
    channel_ended_ = true;
    trial_.LogEvent(Name() + "the channel ended");
    return;
  }
  cutter_.Append({buffer, static_cast<size_t>(size)});
  TakeFrames();
}

void Actor::TakeFrames() {
  while (std::optional<std::string> body = cutter_.Next()) {
    ToWorker frame;
    if (!frame.ParseFromString(*body)) {
      trial_.Miss("DRV-FRAME-1", "a serialized envelope", Hex(*body));
    }
    trial_.LogSeen(Name() + Describe(frame));
    if (auto breach = monitor_.Seen(frame)) {
      trial_.Miss(breach->clause, breach->expected, breach->seen);
    }
    if (frame.has_ping() && answer_pings_) {
      Pong(frame.ping().id());
      continue;
    }
    frames_.push_back(std::move(frame));
  }
  if (cutter_.bad_length()) {
    trial_.Miss("DRV-FRAME-1", "frames of 1 to 65536 bytes",
                absl::StrCat("a length of ", *cutter_.bad_length()));
  }
}

}  // namespace drover::conformance
