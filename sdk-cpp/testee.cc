// A worker over this library that does what DROVER_TESTEE asks
// (conformance/README.md), so that the conformance suite can see how the
// library takes it.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "drover/worker.h"
#include "sdk-c/tests/testee_requests.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kProgress(300);
constexpr int kGauges = 40;
constexpr int kReports = 50;
constexpr size_t kLongText = 10000;

// DROVER_TESTEE: words with commas between, some with ":" and what they are
// about.
class Words {
 public:
  Words() {
    const char* text = ::getenv("DROVER_TESTEE");
    for (absl::string_view word :
         absl::StrSplit(text == nullptr ? "" : text, ',', absl::SkipEmpty())) {
      words_.insert(std::pair<std::string, std::string>(
          absl::StrSplit(word, absl::MaxSplits(':', 1))));
    }
  }
  bool Asked(const std::string& word) const { return words_.count(word) > 0; }
  std::string Text(const std::string& word) const {
    auto found = words_.find(word);
    return found == words_.end() ? "" : found->second;
  }
  int Number(const std::string& word) const {
    int number = 0;
    return absl::SimpleAtoi(Text(word), &number) ? number : 0;
  }

 private:
  std::map<std::string, std::string> words_;
};

class Testee {
 public:
  explicit Testee(Worker worker) : worker_(std::move(worker)) {
    requests_.held = words_.Asked("hold");
    handlers_.start = [this](const Event&) { return BeginStart(); };
    handlers_.stop = [this](const Event&) {
      TakeNoMore();
      stopping_ = true;
      return Answer::kLater;
    };
    handlers_.give_up = [this] {
      uint32_t abandoned = static_cast<uint32_t>(requests_.count);
      requests_abandon(&requests_);
      stopping_ = false;
      return abandoned;
    };
    handlers_.quit = handlers_.lost = [this](const Event&) {
      TakeNoMore();
      leaving_ = true;
      return Answer::kLater;
    };
    handlers_.reload = [this](const Event&) {
      return words_.Asked("reload-fails") ? absl::InternalError("asked to fail")
                                          : absl::OkStatus();
    };
    handlers_.other = [this](const Event& event) {
      bool asks = event.kind() == DROVER_EVENT_MESSAGE && event.op() != 0;
      if (asks) Ignore(worker_.Reply(event.op(), DROVER_RESULT_OK));
    };
  }

  int Run() {
    std::optional<int> code;
    while (!(code = Wait())) Act();
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    return *code;
  }

 private:
  // What the library refuses is its business, and the suite's.
  static void Ignore(const absl::Status&) {}

  absl::StatusOr<Answer> BeginStart() {
    if (words_.Asked("fail-start")) {
      return absl::InternalError("asked to fail its start");
    }
    absl::StatusOr<int> listener = worker_.Listener("http");
    if (!listener.ok()) return listener.status();
    requests_.listener = *listener;
    if (int extend = words_.Number("extend"); extend > 0) {
      Ignore(worker_.Progress(absl::Milliseconds(extend), 0));
    }
    started_at_ = Clock::now() + milliseconds(words_.Number("slow-start"));
    return Answer::kLater;
  }

  void FinishStart() {
    started_at_.reset();
    requests_.open = 1;
    std::string text;
    if (words_.Asked("long-text")) {
      // Two bytes each, and an odd one, so that the limit falls inside one.
      text = "x";
      while (text.size() < kLongText) text += "\xc3\xa9";
    }
    Ignore(worker_.Started(text));
    if (!std::exchange(acted_, true)) ActOnWords();
  }

  void TakeNoMore() {
    started_at_.reset();
    requests_.open = 0;
    progress_at_ = Clock::now() + kProgress;
  }

  void ActOnWords() {
    if (words_.Asked("spawn-child")) SpawnChild(/*execute=*/true);
    if (words_.Asked("fork-child")) SpawnChild(/*execute=*/false);
    for (int i = words_.Number("threads"); i > 0; --i) {
      std::thread([this] { Report(); }).detach();
    }
    if (words_.Asked("print")) std::cout << "Started!" << std::endl;
    if (words_.Asked("gauges")) SetGauges();
    if (words_.Asked("request")) MakeRequest();
    for (int i = 0; words_.Asked("message") && i < 2; ++i) {
      Ignore(worker_.Ask(words_.Text("message"), "").status());
    }
    // Refused: not in STARTED.
    if (words_.Asked("extend")) Ignore(worker_.Progress(absl::Seconds(1), 0));
    if (words_.Asked("fatal")) {
      Ignore(worker_.Fatal(1, "asked to be unable to go on"));
    }
    if (words_.Asked("fail")) Ignore(worker_.Failed("asked to fail"));
  }

  void SpawnChild(bool execute) {
    child_ = ::fork();
    if (child_ != 0) return;
    if (execute) ::execlp("sleep", "sleep", "1000", nullptr);
    while (!execute) ::pause();
    ::_exit(127);
  }

  void Report() {
    for (int i = 0; i < kReports; ++i) {
      Ignore(worker_.Send("conformance.report", std::string(200, 'x')));
      Ignore(worker_.Status(absl::StrCat("busy ", i)));
    }
  }

  void SetGauges() {
    for (int i = 0; i < kGauges; ++i) {
      const char* prefix = i % 4 == 0 ? "Not a name " : "gauge_";
      Ignore(worker_.Gauge(absl::StrCat(prefix, i), i));
    }
  }

  void MakeRequest() {
    const std::map<std::string, int> kinds = {
        {"recycle", DROVER_REQUEST_RECYCLE},
        {"stop", DROVER_REQUEST_STOP},
        {"quit", DROVER_REQUEST_QUIT},
        {"reload", DROVER_REQUEST_RELOAD}};
    auto kind = kinds.find(words_.Text("request"));
    if (kind == kinds.end()) return;
    Ignore(worker_.Request(kind->second).status());
  }

  // ---- The loop

  std::optional<int> Wait() {
    std::vector<pollfd> polled(REQUESTS_MAX + 2);
    polled[0] = {worker_.fd(), POLLIN, 0};
    size_t count = requests_poll(&requests_, &polled[1]);
    ::poll(polled.data(), count + 1, MillisecondsLeft());
    // Commands come first: after a Stop nothing more is taken.
    std::optional<int> code = worker_.Dispatch(handlers_);
    requests_handle(&requests_, &polled[1], count);
    return code;
  }

  bool Draining() const { return !requests_.open && requests_.count > 0; }

  int MillisecondsLeft() const {
    if (words_.Asked("report-loop") && requests_.open) return 1;
    std::optional<Clock::time_point> due = started_at_;
    if (!due && Draining()) due = progress_at_;
    if (!due) return -1;
    auto left = std::chrono::ceil<milliseconds>(*due - Clock::now());
    return static_cast<int>(std::max<int64_t>(left.count(), 0));
  }

  // What is due by itself: a start, a report, the end of a drain.
  void Act() {
    if (started_at_ && Clock::now() >= *started_at_) FinishStart();
    if (words_.Asked("report-loop") && requests_.open) {
      Ignore(worker_.Status("busy"));
    }
    if (Draining() && Clock::now() >= progress_at_) {
      Ignore(worker_.Progress(absl::ZeroDuration(),
                              static_cast<uint32_t>(requests_.count)));
      progress_at_ = Clock::now() + kProgress;
    }
    if (requests_.count > 0) return;
    if (std::exchange(stopping_, false)) Ignore(worker_.Stopped());
    if (leaving_) Ignore(worker_.Leave());
  }

  const Words words_;
  Worker worker_;
  Handlers handlers_;
  requests requests_ = {};
  std::optional<Clock::time_point> started_at_;
  Clock::time_point progress_at_;
  bool acted_ = false;
  bool stopping_ = false;
  bool leaving_ = false;
  pid_t child_ = -1;
};

int Main() {
  Options options;
  options.name = "sdk-cpp testee";
  for (uint32_t capability = DROVER_CAPABILITY_RELOAD;
       capability <= DROVER_CAPABILITY_LAME_DUCK; ++capability) {
    options.capabilities.push_back(capability);
  }
  absl::StatusOr<Worker> worker = Worker::FromEnvironment(options);
  if (!worker.ok()) {
    std::cerr << "testee: " << worker.status().message() << std::endl;
    return ExitCode(worker.status());
  }
  if (!worker->supervised()) {
    std::cout << "not supervised, nothing to do" << std::endl;
    return 0;
  }
  return Testee(*std::move(worker)).Run();
}

}  // namespace
}  // namespace drover

int main() { return drover::Main(); }
