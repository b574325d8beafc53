#include "conformance/supervisor/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;
using std::chrono::duration_cast;

// The exit code of a --control that knows no such order.
constexpr int kUnknownOrder = 64;

// The suite's own program, which is the puppet's as well.
std::string PuppetPath() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

// Its line "exit pid=1 reason=NormalExit ... text=the rest" as a map.
std::map<std::string, std::string> Words(absl::string_view line) {
  std::map<std::string, std::string> words;
  size_t text = line.find(" text=");
  if (text != absl::string_view::npos) {
    words["text"] = std::string(line.substr(text + 6));
    line = line.substr(0, text);
  }
  for (absl::string_view word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
    std::pair<std::string, std::string> parts =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    words.insert(parts);
  }
  return words;
}

}  // namespace

Stage::Stage(Trial& trial, const Scene& scene) : trial_(trial), scene_(scene) {
  char directory[] = "/tmp/drover.XXXXXX";
  if (::mkdtemp(directory) == nullptr) trial_.Broken("no directory in /tmp");
  directory_ = directory;
  // Workers may run as another user.
  ::chmod(directory, 0755);
  trial_.AtEnd([path = directory_] {
    std::error_code error;
    std::filesystem::remove_all(path, error);
  });
  OpenSocket();
  auto [read_end, write_end] = Pipe();
  output_ = std::move(read_end);
  SetNonBlocking(output_.get());
  Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  auto process = Process::Start(
      {trial_.plan().command,
       Environment(),
       {{null.get(), 0}, {write_end.get(), 1}, {write_end.get(), 2}}});
  if (!process.ok()) {
    trial_.Miss("DRV-SUP-1", "a supervisor that runs",
                std::string(process.status().message()));
  }
  process_.emplace(*std::move(process));
}

void Stage::OpenSocket() {
  socket_ =
      Fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::string path = directory_ + "/p";
  ::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address),
             sizeof(address)) != 0 ||
      ::listen(socket_.get(), 128) != 0) {
    trial_.Broken("no socket for the workers");
  }
  ::chmod(path.c_str(), 0777);
}

std::vector<std::string> Stage::Environment() const {
  std::vector<std::string> environment = PlainEnvironment();
  auto add = [&](absl::string_view name, const auto& value) {
    environment.push_back(absl::StrCat("CONFORMANCE_", name, "=", value));
  };
  add("DIR", directory_);
  add("PUPPET", PuppetPath());
  add("SOCKET", directory_ + "/p");
  add("COUNT", scene_.count);
  add("LISTENER", scene_.listener ? "http" : "");
  add("WRAPPED", scene_.wrapped ? 1 : 0);
  add("RESTART", scene_.restart ? 1 : 0);
  add("MAX_RESTARTS", scene_.max_restarts);
  add("BACKOFF_MS", scene_.backoff_ms);
  add("HELLO_MS", scene_.hello_ms);
  add("START_MS", scene_.start_ms);
  add("STOP_MS", scene_.stop_ms);
  add("QUIT_MS", scene_.quit_ms);
  add("KILL_MS", scene_.kill_ms);
  add("LOSS_MS", scene_.loss_ms);
  add("ANSWER_GRACE_MS", scene_.answer_grace_ms);
  add("EXTEND_MAX_MS", scene_.extend_max_ms);
  add("RELOAD_MS", scene_.reload_ms);
  add("PING_INTERVAL_MS", scene_.ping_interval_ms);
  add("PING_TIMEOUT_MS", scene_.ping_timeout_ms);
  // Not one of the protocol's: no worker may see it.
  environment.push_back("DROVER_CONFORMANCE_SECRET=1");
  return environment;
}

Actor& Stage::NextActor(absl::string_view clause) {
  Clock::time_point deadline = Clock::now() + trial_.plan().Patience();
  while (handed_out_ >= actors_.size()) {
    if (end_ || !Pump(deadline)) {
      trial_.Miss(clause, "another worker process",
                  absl::StrCat("none", why()));
      trial_.Finish();
    }
  }
  auto actor = actors_.begin();
  std::advance(actor, handed_out_++);
  return *actor;
}

Actor* Stage::OtherActor() { return HasOtherActor() ? &NextActor() : nullptr; }

void Stage::ExpectNoActor(absl::string_view clause, Milliseconds time) {
  PumpFor(time);
  if (handed_out_ < actors_.size()) {
    trial_.Miss(clause, "no other worker process", "one was started");
  }
}

Actor& Stage::StartedActor() {
  Actor& actor = NextActor();
  actor.Start();
  return actor;
}

std::unique_ptr<Stage::Control> Stage::Run(const std::string& words) {
  std::vector<std::string> argv = trial_.plan().control;
  for (absl::string_view word : absl::StrSplit(words, ' ')) {
    argv.emplace_back(word);
  }
  auto [read_end, write_end] = Pipe();
  SetNonBlocking(read_end.get());
  Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  auto process = Process::Start(
      {argv,
       Environment(),
       {{null.get(), 0}, {write_end.get(), 1}, {write_end.get(), 2}}});
  if (!process.ok()) {
    trial_.Broken(
        absl::StrCat("--control: ", std::string(process.status().message())));
  }
  trial_.LogEvent(absl::StrCat("control: ", words));
  return std::make_unique<Control>(
      Control{*std::move(process), std::move(read_end), "", std::nullopt});
}

void Stage::Order(const std::string& words) {
  order_ = Run(words);
  order_words_ = words;
}

bool Stage::OrderEnded() {
  if (!order_->end) return false;
  if (*order_->end == End{false, kUnknownOrder}) {
    trial_.NotApplicable(
        absl::StrCat("--control knows no order \"", order_words_, "\""));
  }
  return true;
}

bool Stage::OrderDone() {
  Clock::time_point deadline = Clock::now() + trial_.plan().Patience();
  while (!OrderEnded()) {
    if (!Pump(deadline)) {
      trial_.Broken(absl::StrCat("--control does not end: ", order_->text));
    }
  }
  trial_.LogEvent(absl::StrCat("control ended: ", Describe(*order_->end)));
  return *order_->end == End{false, 0};
}

void Stage::WatchEnds() {
  watch_ = Run("ends");
  Clock::time_point deadline = Clock::now() + trial_.plan().Patience();
  while (!absl::StrContains(watch_->text, "ready\n")) {
    if (watch_->end == End{false, kUnknownOrder}) {
      trial_.NotApplicable("--control knows no order \"ends\"");
    }
    if (watch_->end || !Pump(deadline)) {
      trial_.Broken(absl::StrCat("--control ends: ", watch_->text));
    }
  }
}

std::map<std::string, std::string> Stage::EndOf(pid_t pid,
                                                absl::string_view clause) {
  Clock::time_point deadline = Clock::now() + trial_.plan().Patience();
  std::string begin = absl::StrCat("exit pid=", pid, " ");
  while (true) {
    for (absl::string_view line : absl::StrSplit(watch_->text, '\n')) {
      if (absl::StartsWith(line, begin)) return Words(line.substr(5));
    }
    if (watch_->end || !Pump(deadline)) {
      trial_.Miss(clause, absl::StrCat("a report of the end of ", pid), "none");
      return {};
    }
  }
}

int Stage::EndsOf(pid_t pid) const {
  std::string begin = absl::StrCat("exit pid=", pid, " ");
  int count = 0;
  for (absl::string_view line : absl::StrSplit(watch_->text, '\n')) {
    count += absl::StartsWith(line, begin);
  }
  return count;
}

void Stage::ShutDown() {
  trial_.LogEvent("SIGTERM to the supervisor");
  process_->Signal(SIGTERM);
}

void Stage::Kill() {
  trial_.LogEvent("SIGKILL to the supervisor");
  process_->Signal(SIGKILL);
}

bool Stage::alive() {
  if (!end_) end_ = process_->Reap();
  return !end_;
}

void Stage::ExpectEnd(absl::string_view clause, Milliseconds limit) {
  Clock::time_point deadline = Clock::now() + trial_.plan().Granted(limit);
  while (!end_) {
    if (Pump(deadline)) continue;
    trial_.Miss(clause, "the end of the supervisor", "it lives");
    return;
  }
}

std::string Stage::why() const {
  return end_ ? absl::StrCat("; the supervisor ended: ", Describe(*end_)) : "";
}

bool Stage::Pump(Clock::time_point deadline) {
  std::vector<pollfd> polled = {
      {socket_.get(), POLLIN, 0},
      {output_.open() ? output_.get() : -1, POLLIN, 0},
      {end_ ? -1 : process_->pidfd(), POLLIN, 0}};
  for (Control* control : {order_.get(), watch_.get()}) {
    bool open = control != nullptr && control->output.open();
    polled.push_back({open ? control->output.get() : -1, POLLIN, 0});
    bool runs = control != nullptr && !control->end;
    polled.push_back({runs ? control->process.pidfd() : -1, POLLIN, 0});
  }
  size_t fixed = polled.size();
  for (const Actor& actor : actors_) actor.AddTo(polled);
  auto left = duration_cast<Milliseconds>(deadline - Clock::now()).count();
  int wait = static_cast<int>(std::clamp<int64_t>(left + 1, 0, 60000));
  if (::poll(polled.data(), polled.size(), wait) <= 0) {
    return Clock::now() < deadline;
  }
  if (polled[1].revents != 0) ReadOutput();
  if (polled[3].revents != 0 || polled[4].revents != 0) ReadControl(*order_);
  if (polled[5].revents != 0 || polled[6].revents != 0) ReadControl(*watch_);
  for (size_t i = fixed; i < polled.size(); ++i) {
    for (Actor& actor : actors_) actor.Handle(polled[i]);
  }
  if (polled[0].revents != 0) Accept();
  if (polled[2].revents != 0 && !alive()) {
    trial_.LogEvent(absl::StrCat("the supervisor ended: ", Describe(*end_)));
  }
  return true;
}

void Stage::PumpFor(Milliseconds time) {
  Clock::time_point deadline = Clock::now() + time;
  while (Clock::now() < deadline) Pump(deadline);
}

void Stage::Accept() {
  Fd orders(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (orders.open()) actors_.emplace_back(*this, std::move(orders));
}

void Stage::ReadOutput() {
  char buffer[65536];
  ssize_t size = ::read(output_.get(), buffer, sizeof(buffer));
  if (size > 0) {
    trial_.output().Append({buffer, static_cast<size_t>(size)});
  } else if (size == 0) {
    output_.Close();
  }
}

void Stage::ReadControl(Control& control) {
  char buffer[65536];
  ssize_t size = 0;
  while (control.output.open() &&
         (size = ::read(control.output.get(), buffer, sizeof(buffer))) != 0) {
    if (size < 0) break;
    control.text.append(buffer, static_cast<size_t>(size));
  }
  if (size == 0) control.output.Close();
  if (!control.end) control.end = control.process.Reap();
}

}  // namespace drover::conformance
