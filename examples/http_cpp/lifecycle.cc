#include "examples/http_cpp/lifecycle.h"

#include <chrono>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace http_worker {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using drover::Answer;
using drover::Event;

std::chrono::milliseconds DeadlineOf(const Event& event) {
  return absl::ToChronoMilliseconds(event.deadline());
}

}  // namespace

Lifecycle::Lifecycle(asio::io_context& io, drover::Worker& worker,
                     Server& server, const Options& options)
    : io_(io),
      worker_(worker),
      server_(server),
      options_(options),
      channel_(io, worker.fd()),
      start_delay_(io) {
  handlers_.start = [this](const Event&) { return OnStart(); };
  handlers_.stop = [this](const Event& event) { return OnStop(event); };
  handlers_.give_up = [this] { return server_.Abandon(); };
  handlers_.quit = [this](const Event& event) { return OnLeave(event); };
  handlers_.lost = [this](const Event& event) { return OnLeave(event); };
  handlers_.lame_duck = [this](const Event&) { server_.SayFarewell(); };
}

// The descriptor is the worker's.
Lifecycle::~Lifecycle() { channel_.release(); }

int Lifecycle::Run() {
  Listen();
  io_.run();
  return exit_code_;
}

void Lifecycle::Listen() {
  channel_.async_wait(
      asio::posix::stream_descriptor::wait_read, [this](const error_code&) {
        const std::optional<int> exit_code = worker_.Dispatch(handlers_);
        if (!exit_code.has_value()) return Listen();
        exit_code_ = *exit_code;
        io_.stop();
      });
}

absl::StatusOr<Answer> Lifecycle::OnStart() {
  if (options_.fail_start) {
    return absl::FailedPreconditionError("FAIL_START=1: this start fails");
  }
  if (options_.never_ready) return Answer::kLater;
  if (options_.start_delay.count() == 0) {
    Begin();
    return Answer::kLater;
  }
  worker_.Status("warming up").IgnoreError();
  start_delay_.expires_after(options_.start_delay);
  start_delay_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) Begin();
  });
  return Answer::kLater;
}

// Said first: only in STARTED may the server take connections, and a Stop that
// came meanwhile makes it a refusal.
void Lifecycle::Begin() {
  if (worker_.Started().ok()) server_.Open(Greeting());
}

Answer Lifecycle::OnStop(const Event& stop) {
  start_delay_.cancel();
  if (server_.connections() == 0) {
    server_.Drain(DeadlineOf(stop), nullptr);
    return Answer::kDone;
  }
  server_.Drain(DeadlineOf(stop), [this] {
    ReportProgress();
    if (server_.connections() == 0) worker_.Stopped().IgnoreError();
  });
  ReportProgress();
  return Answer::kLater;
}

Answer Lifecycle::OnLeave(const Event& quit_or_loss) {
  start_delay_.cancel();
  server_.Drain(DeadlineOf(quit_or_loss), [this] {
    if (server_.connections() == 0) worker_.Leave().IgnoreError();
  });
  return server_.connections() == 0 ? Answer::kDone : Answer::kLater;
}

void Lifecycle::ReportProgress() {
  const auto left = static_cast<uint32_t>(server_.connections());
  if (!worker_.Has(DROVER_CAPABILITY_PROGRESS)) return;
  worker_
      .Progress(
          absl::ZeroDuration(), left,
          absl::StrCat(left, " connections, ", server_.requests(), " requests"))
      .IgnoreError();
}

std::string Lifecycle::Greeting() const {
  return absl::StrCat(options_.response, " from ", worker_.pool(), "/",
                      worker_.slot(), " generation ", worker_.generation(),
                      "\n");
}

}  // namespace http_worker
