// A Drover worker in C++: a thin layer over the C library (drover_posix.h),
// which holds the protocol. See README.md for a worker in a dozen lines.
//
// Threads: any thread may make statements (Started(), Status(), ...) at any
// time. One thread runs Run(), Next() or Dispatch().
#ifndef DROVER_WORKER_H_
#define DROVER_WORKER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover.h"
#include "drover/error.h"
#include "drover_posix.h"

namespace drover {

// What the worker says about itself, and what it can do.
struct Options {
  // What the program calls itself, and its version as it would print it.
  std::string name;
  std::string version;
  // DROVER_CAPABILITY_*. What is not named here is not offered, whatever
  // handlers there are.
  std::vector<uint32_t> capabilities;
  // SIGTERM is read as Quit, SIGINT is ignored; see drover_posix.h. false: the
  // program owns its signals and calls Terminate().
  bool handle_signals = true;
};

// One event, borrowed: valid until the next event is asked for.
class Event {
 public:
  explicit Event(const drover_event* event) : event_(event) {}

  // A DROVER_EVENT_*; which of the following it has stands there.
  int kind() const { return drover_event_kind(event_); }
  absl::string_view name() const { return drover_event_name(kind()); }
  // How long there is from the moment the event was handed out; without a
  // supervisor, for ever.
  absl::Duration deadline() const {
    return event_ == nullptr
               ? absl::InfiniteDuration()
               : absl::Milliseconds(drover_event_deadline(event_));
  }
  // A DROVER_CAUSE_*, or a later one.
  int cause() const { return drover_event_cause(event_); }
  absl::string_view text() const { return drover_event_text(event_); }
  absl::string_view data() const {
    size_t size = 0;
    const void* data = drover_event_data(event_, &size);
    return {static_cast<const char*>(data), size};
  }
  absl::string_view topic() const { return drover_event_topic(event_); }
  // The number to answer a message with; 0 = no answer is wanted.
  uint64_t op() const { return drover_event_op(event_); }
  // The number of the request or message that this answers; 0 = none.
  uint64_t re() const { return drover_event_re(event_); }
  // A DROVER_RESULT_*.
  int code() const { return drover_event_code(event_); }
  int exit_code() const { return drover_event_exit_code(event_); }

 private:
  const drover_event* event_;
};

// What a handler leaves to be done.
enum class Answer {
  // It is done: Run() says Started() or Stopped().
  kDone,
  // The program says so itself, from any thread, when it is.
  kLater,
};

// What Run() and Dispatch() call, on the thread that called them. All are
// optional; a handler that blocks keeps the worker from hearing anything else,
// so long work belongs elsewhere, with kLater.
struct Handlers {
  // Begin to work. An error is reported as FAILED with its message, and ends
  // the worker. Without a handler: kDone.
  std::function<absl::StatusOr<Answer>(const Event&)> start;
  // Take no new work, finish what is in flight. Without a handler: kDone.
  std::function<Answer(const Event&)> stop;
  // The Stop's deadline is reached: give up what is in flight. Returns how
  // much that was. Without a handler: 0. Not called once Stopped() was said.
  std::function<uint32_t()> give_up;
  // Leave. kDone: Run() returns 0; kLater: go on until the deadline, or until
  // Leave(). Without a handler: kDone.
  std::function<Answer(const Event&)> quit;
  // The supervisor is gone: finish what is in flight. As `quit`.
  std::function<Answer(const Event&)> lost;
  // Read the configuration again (Event::data() is what the operator passed).
  // An error is reported and the former one stays in force.
  std::function<absl::Status(const Event&)> reload;
  // Leave rotation; Stop is planned in Event::deadline().
  std::function<void(const Event&)> lame_duck;
  // Every other kind: DROVER_EVENT_WELCOME, _RESULT, _MESSAGE, ...
  std::function<void(const Event&)> other;
};

// The program without a supervisor; in src/.
class Standalone;

class Worker {
 public:
  // Adopts what the environment names. Call it early in main(), before other
  // threads run. A process that no supervisor started is no error: supervised()
  // is then false, statements do nothing and are OK, and Run() runs the program
  // as an ordinary one.
  //
  // FailedPrecondition (the channel or its version is not as it should be),
  // ResourceExhausted, Internal: print the message, exit with ExitCode().
  static absl::StatusOr<Worker> FromEnvironment(const Options& options = {});

  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) noexcept;
  ~Worker();

  bool supervised() const { return worker_ != nullptr; }

  // Runs until the worker has to exit; returns what main() should return.
  // Not supervised: calls `start`, waits for SIGTERM or SIGINT, calls `stop`
  // and `quit`; an error of `start` is printed.
  int Run(const Handlers& handlers);

  // For programs with an event loop: a descriptor that is readable when
  // Dispatch() has something to do. Watch it for reading only. -1 when not
  // supervised.
  int fd() const;

  // Does what is due, without waiting, and calls the handlers. The exit code
  // once the worker has to exit, nullopt before.
  std::optional<int> Dispatch(const Handlers& handlers);

  // One event at a time, for loops of another shape. nullopt: the time is over
  // or a signal came. Not supervised: FailedPrecondition.
  absl::StatusOr<std::optional<Event>> Next(absl::Duration timeout);

  // The listening socket of that name. It stays open until the program closes
  // it; never change O_NONBLOCK on it. NotFound, FailedPrecondition: say so
  // with Fatal() and exit with ExitCode(). Not supervised: NotFound.
  absl::StatusOr<int> Listener(const std::string& name) const;

  // Which place this process fills; "" and 0 before DROVER_EVENT_WELCOME and
  // when not supervised.
  std::string pool() const { return drover_session_pool(session()); }
  uint32_t slot() const { return drover_session_slot(session()); }
  uint64_t generation() const { return drover_session_generation(session()); }
  uint64_t incarnation() const { return drover_session_incarnation(session()); }
  // 1 = both sides have the capability.
  bool Has(uint32_t capability) const {
    return drover_session_has(session(), capability) == 1;
  }
  // A DROVER_STATE_*; STARTED when not supervised.
  int state() const;

  // Statements; drover.h says when each is allowed. FailedPrecondition: not in
  // this state (a stale answer is such, and can be ignored).
  absl::Status Started(const std::string& text = "");
  absl::Status Stopped(const std::string& text = "");
  absl::Status StoppedForced(uint32_t abandoned, const std::string& text = "");
  absl::Status Failed(const std::string& text);
  absl::Status Fatal(uint32_t code, const std::string& text);
  absl::Status Status(const std::string& text);
  absl::Status Progress(absl::Duration extend, uint32_t in_flight,
                        const std::string& text = "");
  absl::Status Gauge(const std::string& name, double value);
  // The number that Event::re() of the answer carries; 0 when not supervised.
  absl::StatusOr<uint64_t> Request(int kind, const std::string& text = "");
  absl::StatusOr<uint64_t> Ask(const std::string& topic,
                               absl::string_view data);
  absl::Status Send(const std::string& topic, absl::string_view data);
  absl::Status Reply(uint64_t op, int code, const std::string& text = "");
  absl::Status Reply(uint64_t op, const std::string& topic,
                     absl::string_view data);

  // Acts as if SIGTERM had come.
  absl::Status Terminate();

  // What Quit or the loss of the supervisor left to do is done: Run() and
  // Dispatch() end with 0. For handlers that answered kLater.
  // FailedPrecondition: neither came yet.
  absl::Status Leave();

  // The handle of the C library; null when not supervised.
  drover_worker* handle() const { return worker_.get(); }

 private:
  struct Close {
    void operator()(drover_worker* worker) const { drover_close(worker); }
  };

  Worker();
  std::optional<int> Handle(const Handlers& handlers, const Event& event);
  const drover_session* session() const {
    return drover_worker_session(worker_.get());
  }

  // One of the two.
  std::unique_ptr<drover_worker, Close> worker_;
  std::unique_ptr<Standalone> standalone_;
};

}  // namespace drover

#endif  // DROVER_WORKER_H_
