#include "drover/worker.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "src/standalone.h"

namespace drover {
namespace {

struct FreeOptions {
  void operator()(drover_options* options) const {
    drover_options_free(options);
  }
};

constexpr char kSdk[] = "drover-cpp/" DROVER_VERSION;

// The first error of a row of calls.
int MakeOptions(const Options& from, drover_options* to) {
  int error = drover_options_set_name(to, from.name.c_str());
  if (error == 0) error = drover_options_set_version(to, from.version.c_str());
  if (error == 0) error = drover_options_set_sdk(to, kSdk);
  for (const uint32_t capability : from.capabilities) {
    if (error == 0) error = drover_options_add_capability(to, capability);
  }
  if (error == 0) {
    error = drover_options_set_signals(
        to, from.handle_signals ? DROVER_SIGNALS_HANDLE : DROVER_SIGNALS_LEAVE);
  }
  return error;
}

uint32_t ToMs(absl::Duration duration) {
  const int64_t ms = absl::ToInt64Milliseconds(duration);
  return static_cast<uint32_t>(std::clamp<int64_t>(ms, 0, UINT32_MAX));
}

// Rounded up, so that a short wait is not a busy loop; -1 = without limit.
int ToTimeout(absl::Duration duration) {
  if (duration == absl::InfiniteDuration()) return -1;
  const absl::Duration up = absl::Ceil(duration, absl::Milliseconds(1));
  const int64_t ms = absl::ToInt64Milliseconds(up);
  return static_cast<int>(std::clamp<int64_t>(ms, 0, INT_MAX));
}

Answer AnswerOf(const std::function<Answer(const Event&)>& handler,
                const Event& event) {
  return handler ? handler(event) : Answer::kDone;
}

}  // namespace

// ---- Making one -------------------------------------------------------------

Worker::Worker() = default;
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;
Worker::~Worker() = default;

absl::StatusOr<Worker> Worker::FromEnvironment(const Options& options) {
  drover_options* made = nullptr;
  int result = drover_options_new(&made);
  const std::unique_ptr<drover_options, FreeOptions> owned(made);
  if (result == 0) result = MakeOptions(options, made);
  drover_worker* handle = nullptr;
  if (result == 0) result = drover_open(made, &handle);
  if (result < 0) return ToStatus(result);
  Worker worker;
  worker.worker_.reset(handle);
  if (handle == nullptr) worker.standalone_ = std::make_unique<Standalone>();
  return worker;
}

// ---- Events -----------------------------------------------------------------

// What an event leads to by itself; the exit code once the worker has to go.
std::optional<int> Worker::Handle(const Handlers& handlers,
                                  const Event& event) {
  switch (event.kind()) {
    case DROVER_EVENT_START: {
      const absl::StatusOr<Answer> started =
          handlers.start ? handlers.start(event) : Answer::kDone;
      if (!started.ok()) {
        Failed(std::string(started.status().message())).IgnoreError();
      } else if (*started == Answer::kDone) {
        Started().IgnoreError();
      }
      return std::nullopt;
    }
    case DROVER_EVENT_STOP:
      if (AnswerOf(handlers.stop, event) == Answer::kDone) {
        Stopped().IgnoreError();
      }
      return std::nullopt;
    case DROVER_EVENT_DEADLINE:
      if (state() == DROVER_STATE_STOPPING) {
        const uint32_t abandoned = handlers.give_up ? handlers.give_up() : 0;
        StoppedForced(abandoned).IgnoreError();
      }
      return std::nullopt;
    case DROVER_EVENT_QUIT:
      if (AnswerOf(handlers.quit, event) == Answer::kDone) return 0;
      return std::nullopt;
    case DROVER_EVENT_LOST:
      if (AnswerOf(handlers.lost, event) == Answer::kDone) return 0;
      return std::nullopt;
    case DROVER_EVENT_RELOAD: {
      const absl::Status reloaded =
          handlers.reload
              ? handlers.reload(event)
              : absl::UnimplementedError("the worker cannot reload");
      ToStatus(drover_reloaded(handle(), reloaded.ok(),
                               std::string(reloaded.message()).c_str()))
          .IgnoreError();
      return std::nullopt;
    }
    case DROVER_EVENT_LAME_DUCK:
      if (handlers.lame_duck) handlers.lame_duck(event);
      return std::nullopt;
    case DROVER_EVENT_END:
      return event.exit_code();
    default:
      if (handlers.other) handlers.other(event);
      return std::nullopt;
  }
}

absl::StatusOr<std::optional<Event>> Worker::Next(absl::Duration timeout) {
  if (!supervised()) return absl::FailedPreconditionError("not supervised");
  const drover_event* event = nullptr;
  const int got = drover_next_event(handle(), ToTimeout(timeout), &event);
  if (got < 0) return ToStatus(got);
  if (got == 0) return std::optional<Event>();
  return std::optional<Event>(Event(event));
}

int Worker::Run(const Handlers& handlers) {
  if (!supervised()) return standalone_->Run(handlers);
  for (;;) {
    const absl::StatusOr<std::optional<Event>> next =
        Next(absl::InfiniteDuration());
    if (!next.ok()) return ExitCode(next.status());
    if (!next->has_value()) continue;
    const std::optional<int> code = Handle(handlers, **next);
    if (code.has_value()) return *code;
  }
}

std::optional<int> Worker::Dispatch(const Handlers& handlers) {
  if (!supervised()) return std::nullopt;
  for (;;) {
    const absl::StatusOr<std::optional<Event>> next =
        Next(absl::ZeroDuration());
    if (!next.ok()) return ExitCode(next.status());
    if (!next->has_value()) return std::nullopt;
    const std::optional<int> code = Handle(handlers, **next);
    if (code.has_value()) return code;
  }
}

int Worker::fd() const { return supervised() ? drover_fd(handle()) : -1; }

absl::Status Worker::Terminate() {
  if (supervised()) return ToStatus(drover_terminate(handle()));
  standalone_->Terminate();
  return absl::OkStatus();
}

absl::Status Worker::Leave() {
  if (!supervised()) {
    standalone_->Done();
    return absl::OkStatus();
  }
  // SIGTERM while shutting down means at once.
  if (state() != DROVER_STATE_SHUTTING_DOWN) return ToStatus(DROVER_E_STATE);
  return ToStatus(drover_terminate(handle()));
}

// ---- What is known ----------------------------------------------------------

int Worker::state() const {
  return supervised() ? drover_state(handle()) : DROVER_STATE_STARTED;
}

absl::StatusOr<int> Worker::Listener(const std::string& name) const {
  const int fd = supervised() ? drover_listener(handle(), name.c_str())
                              : DROVER_E_NOT_FOUND;
  if (fd < 0) return ToStatus(fd);
  return fd;
}

// ---- Statements -------------------------------------------------------------

absl::Status Worker::Started(const std::string& text) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(drover_started(handle(), text.c_str()));
}

absl::Status Worker::Stopped(const std::string& text) {
  if (supervised()) return ToStatus(drover_stopped(handle(), text.c_str()));
  standalone_->Done();
  return absl::OkStatus();
}

absl::Status Worker::StoppedForced(uint32_t abandoned,
                                   const std::string& text) {
  if (!supervised()) return Stopped(text);
  return ToStatus(drover_stopped_forced(handle(), text.c_str(), abandoned));
}

absl::Status Worker::Failed(const std::string& text) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(drover_failed(handle(), text.c_str()));
}

absl::Status Worker::Fatal(uint32_t code, const std::string& text) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(drover_fatal(handle(), code, text.c_str()));
}

absl::Status Worker::Status(const std::string& text) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(drover_status(handle(), text.c_str()));
}

absl::Status Worker::Progress(absl::Duration extend, uint32_t in_flight,
                              const std::string& text) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(
      drover_progress(handle(), ToMs(extend), in_flight, text.c_str()));
}

absl::Status Worker::Gauge(const std::string& name, double value) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(drover_gauge(handle(), name.c_str(), value));
}

absl::StatusOr<uint64_t> Worker::Request(int kind, const std::string& text) {
  uint64_t op = 0;
  if (!supervised()) return op;
  const int error = drover_request(handle(), kind, text.c_str(), &op);
  if (error < 0) return ToStatus(error);
  return op;
}

absl::StatusOr<uint64_t> Worker::Ask(const std::string& topic,
                                     absl::string_view data) {
  uint64_t op = 0;
  if (!supervised()) return op;
  const int error =
      drover_send(handle(), topic.c_str(), data.data(), data.size(), &op);
  if (error < 0) return ToStatus(error);
  return op;
}

absl::Status Worker::Send(const std::string& topic, absl::string_view data) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(
      drover_send(handle(), topic.c_str(), data.data(), data.size(), nullptr));
}

absl::Status Worker::Reply(uint64_t op, int code, const std::string& text) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(drover_reply(handle(), op, code, text.c_str()));
}

absl::Status Worker::Reply(uint64_t op, const std::string& topic,
                           absl::string_view data) {
  if (!supervised()) return absl::OkStatus();
  return ToStatus(drover_reply_message(handle(), op, topic.c_str(), data.data(),
                                       data.size()));
}

}  // namespace drover
