// What a testee does and says by itself.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "conformance/testee/testee.h"
#include "conformance/wire/text.h"

namespace drover::conformance {

namespace v1 = worker::v1;

namespace {

constexpr size_t kTextMax = 256;
constexpr int kFramesPerThread = 50;

std::string Cut(std::string text) {
  if (text.size() <= kTextMax) return text;
  text.resize(kTextMax);
  text.resize(kTextMax - CutCodePoint(text));
  return text;
}

bool Listens(int fd) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 &&
         value != 0;
}

void ClearNonBlocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

}  // namespace

void Testee::Greet() {
  if (Faulty("no_hello")) return;
  if (Faulty("slow_hello")) ::usleep(2500 * 1000);
  v1::ToSupervisor frame;
  v1::Hello* hello = frame.mutable_hello();
  hello->set_major(1);
  for (int number = v1::CAPABILITY_RELOAD; number <= v1::CAPABILITY_LAME_DUCK;
       ++number) {
    hello->add_capabilities(static_cast<uint32_t>(number));
  }
  if (!Faulty("pid_zero")) hello->set_pid(static_cast<uint32_t>(::getpid()));
  hello->set_name("testee");
  hello->set_pong_source(v1::PONG_SOURCE_MAIN_LOOP);
  channel_.Send(frame);
  if (Faulty("early_report")) Report(v1::STATE_INITIALIZED, 0);
}

bool Testee::Agreed(v1::Capability capability) const {
  return Faulty("ignores_agreement") ||
         agreed_.count(static_cast<uint32_t>(capability)) > 0;
}

void Testee::Report(v1::State state, uint64_t re, const std::string& text) {
  v1::ToSupervisor frame;
  frame.set_re(re);
  frame.mutable_state()->set_state(state);
  frame.mutable_state()->set_text(Faulty("text_uncut") ? text : Cut(text));
  channel_.Send(frame);
}

// The listener "http", found and looked at. False where the start has failed.
bool Testee::CheckListener() {
  int found = -1;
  for (const auto& [number, name] : listeners_) {
    if (name == "http") found = number;
  }
  if (Faulty("listener_by_position") && !listeners_.empty()) {
    found = listeners_[0].first;
  }
  if (found < 0 && !Faulty("listener_optional")) {
    FailStart("there is no listener \"http\"");
    return false;
  }
  if (found >= 0 && !Listens(found) && !Faulty("no_acceptconn")) {
    FailStart("\"http\" is no listening socket");
    return false;
  }
  requests_.SetListener(found);
  return true;
}

void Testee::FinishStart() {
  if (behaviour_.Asked("fail-start")) {
    return FailStart("asked to fail its start");
  }
  if (!CheckListener()) return;
  ++starts_;
  if (Faulty("leaks_per_cycle")) ::fcntl(signals_, F_DUPFD_CLOEXEC, 0);
  if (Faulty("clears_nonblock")) ClearNonBlocking(requests_.listener());
  state_ = v1::STATE_STARTED;
  bool deaf =
      Faulty("never_accepts") || (Faulty("started_too_early") && starts_ == 1);
  requests_.Open(!deaf);
  std::string text;
  if (behaviour_.Asked("long-text")) {
    // Two bytes each, and an odd one, so that the limit falls inside one.
    text = "x";
    while (text.size() < 10000) text += "\xc3\xa9";
  }
  Report(v1::STATE_STARTED, Faulty("wrong_op") ? 1 : start_op_, text);
  if (Faulty("hello_twice")) {
    v1::ToSupervisor frame;
    frame.mutable_hello()->set_major(1);
    channel_.Send(frame);
  }
  if (Faulty("spontaneous")) Set(Timer::kFault, 500);
  if (starts_ == 1) ActOnWords();
}

void Testee::FailStart(const std::string& text) {
  failed_ = true;
  if (!Faulty("fails_silently")) Report(v1::STATE_FAILED, start_op_, text);
  Exit(1);
}

void Testee::ActOnWords() {
  if (behaviour_.Asked("spawn-child")) SpawnChild(/*execute=*/true);
  if (behaviour_.Asked("fork-child")) SpawnChild(/*execute=*/false);
  ReportFromThreads(behaviour_.Number("threads"));
  if (behaviour_.Asked("print")) {
    if (Faulty("prints_to_channel")) ::dup2(channel_.fd(), STDOUT_FILENO);
    [[maybe_unused]] ssize_t size = ::write(STDOUT_FILENO, "Started!\n", 9);
  }
  if (behaviour_.Asked("report-loop")) Set(Timer::kReport, 0);
  if (behaviour_.Asked("gauges")) SendGauges();
  if (behaviour_.Asked("request")) SendRequest();
  if (behaviour_.Asked("message")) {
    SendMessage();
    SendMessage();
  }
  if (behaviour_.Number("extend") > 0 && Faulty("extends_in_started")) {
    SendProgress(1000);
  }
  if (behaviour_.Asked("fatal")) {
    if (!Faulty("no_fatal")) SendFatal("asked to be unable to go on");
    Exit(1);
  }
  if (behaviour_.Asked("fail")) {
    failed_ = true;
    Report(v1::STATE_FAILED, 0, "asked to fail");
    Set(Timer::kFailedExit, 300);
  }
}

void Testee::SpawnChild(bool execute) {
  child_ = ::fork();
  if (child_ != 0) return;
  if (!execute && !Faulty("fork_keeps_channel")) ::close(channel_.fd());
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (execute) ::execlp("sleep", "sleep", "1000", nullptr);
  while (!execute) ::pause();
  ::_exit(127);
}

void Testee::ReportFromThreads(int count) {
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back([this] {
      for (int sent = 0; sent < kFramesPerThread; ++sent) {
        v1::ToSupervisor frame;
        frame.mutable_progress()->set_text(std::string(200, 'x'));
        channel_.Send(frame);
      }
    });
  }
}

void Testee::SendProgress(uint32_t extend_ms) {
  if (!Agreed(v1::CAPABILITY_PROGRESS)) return;
  v1::ToSupervisor frame;
  if (state_ == v1::STATE_STARTING) frame.set_re(start_op_);
  if (state_ == v1::STATE_STOPPING && !Faulty("progress_without_re")) {
    frame.set_re(stop_op_);
  }
  frame.mutable_progress()->set_extend_ms(extend_ms);
  frame.mutable_progress()->set_in_flight(requests_.in_flight());
  channel_.Send(frame);
}

void Testee::SendGauges() {
  if (!Agreed(v1::CAPABILITY_GAUGES)) return;
  v1::ToSupervisor frame;
  int most = Faulty("gauges_unchecked") ? 40 : 32;
  for (int i = 0; i < most; ++i) {
    v1::Gauge* gauge = frame.mutable_gauges()->add_gauges();
    gauge->set_name(absl::StrCat("gauge_", i));
    gauge->set_value(i);
  }
  channel_.Send(frame);
}

void Testee::SendRequest() {
  if (!Agreed(v1::CAPABILITY_REQUEST)) return;
  static const std::map<std::string, v1::RequestKind> kKinds = {
      {"recycle", v1::REQUEST_KIND_RECYCLE},
      {"stop", v1::REQUEST_KIND_STOP},
      {"quit", v1::REQUEST_KIND_QUIT},
      {"reload", v1::REQUEST_KIND_RELOAD}};
  auto kind = kKinds.find(behaviour_.Text("request"));
  if (kind == kKinds.end()) return;
  v1::ToSupervisor frame;
  frame.set_op(++next_op_);
  frame.mutable_request()->set_kind(kind->second);
  request_op_ = next_op_;
  channel_.Send(frame);
  if (Faulty("acts_on_its_wish")) Exit(0);
}

void Testee::SendMessage() {
  if (!Agreed(v1::CAPABILITY_USER_MESSAGES)) return;
  v1::ToSupervisor frame;
  frame.set_op(++next_op_);
  frame.mutable_user_message()->set_topic(behaviour_.Text("message"));
  channel_.Send(frame);
}

void Testee::SendFatal(const std::string& text) {
  v1::ToSupervisor frame;
  frame.mutable_fatal()->set_code(1);
  if (!Faulty("fatal_without_text")) frame.mutable_fatal()->set_text(text);
  channel_.Send(frame);
}

void Testee::BeginShutdown(int64_t deadline_ms, uint64_t re) {
  requests_.Open(false);
  Clear(Timer::kStarted);
  Clear(Timer::kStopDeadline);
  state_ = v1::STATE_SHUTTING_DOWN;
  if (!Faulty("no_shutting_down") && !ended_) {
    Report(v1::STATE_SHUTTING_DOWN, re);
  }
  Set(Timer::kExit, deadline_ms);
}

void Testee::FinishStop(bool forced) {
  Clear(Timer::kStopDeadline);
  v1::ToSupervisor frame;
  frame.set_re(stop_op_);
  frame.mutable_state()->set_state(v1::STATE_STOPPED);
  frame.mutable_state()->set_forced(forced);
  if (forced && !Faulty("abandons_uncounted")) {
    frame.mutable_state()->set_abandoned(requests_.in_flight());
  }
  requests_.Abandon();
  state_ = v1::STATE_STOPPED;
  channel_.Send(frame);
}

// Nothing is in flight any more.
void Testee::CheckDrained() {
  if (requests_.in_flight() > 0) return;
  if (state_ == v1::STATE_STOPPING) FinishStop(/*forced=*/false);
  // "quit_zero" mutants wait for a deadline that never comes.
  if (state_ == v1::STATE_SHUTTING_DOWN && !Faulty("quit_zero_is_never")) {
    Exit(0);
  }
}

}  // namespace drover::conformance
