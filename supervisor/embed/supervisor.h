// The supervisor inside a program of yours: the "main context" that starts
// pools of workers, watches them, and decides in its own code what happens when
// one exits. No gRPC, no configuration file.
//
//   drover::EmbeddedSupervisor::Options options;
//   options.on_exit = [](const drover::WorkerExit& exit) {
//     return exit.reason == drover::ExitKind::kNormalExit
//                ? drover::Decision::kShutDown
//                : drover::Decision::kRestart;
//   };
//   auto supervisor = drover::EmbeddedSupervisor::Create(std::move(options));
//   drover::config::v1::Pool app;
//   app.set_name("app");
//   app.add_command("./app");
//   app.set_count(4);
//   absl::Status started = (*supervisor)->Start(app);
//   ...
//   for (const drover::WorkerStatus& worker : (*supervisor)->Statuses("app"))
//     std::cout << worker.pool << "-" << worker.slot << ": " << worker.state;
//
// Threads: the supervisor has one thread of its own. Every function may be
// called from any thread but that one, that is, not from within a callback:
// there the blocking ones return FailedPrecondition.
//
// Waiting: functions that wait for workers return when the operation has ended,
// at the latest after Options::operation_timeout: DeadlineExceeded then, and
// the operation goes on. What failed is told by the status' message, with the
// worker, how it ended, its last output, and the remedy.
//
// Processes: the supervisor ignores SIGPIPE and raises the soft limit on open
// files of the whole program; workers get the former limit back. It does not
// touch other children of the program nor any other signal: a program that
// wants Ctrl-C to end its workers calls Shutdown() from its own handling.
#ifndef SUPERVISOR_EMBED_SUPERVISOR_H_
#define SUPERVISOR_EMBED_SUPERVISOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"

namespace drover {

// How a process ended.
enum class ExitKind {
  kExternalSignal,
  kNormalExit,    // code 0
  kAbnormalExit,  // another code
  kNotStarted,    // it never ran
};

struct WorkerExit {
  std::string pool;
  uint32_t slot = 0;
  uint64_t generation = 0;
  uint64_t incarnation = 0;
  ExitKind reason = ExitKind::kNormalExit;
  int signal = 0;  // of kExternalSignal
  int code = 0;    // of kAbnormalExit
  // The supervisor sent the signal.
  bool by_supervisor = false;
  // One sentence with all that is known.
  std::string text;
  // Oldest first.
  std::vector<std::string> last_output;
};

// What happens to the slot of a worker that ended without being asked.
enum class Decision {
  kRestart,   // a new process, after the pool's backoff
  kLeave,     // FAILED, until RestartWorker()
  kStopPool,  // the whole pool
  kShutDown,  // everything, gracefully
};

struct WorkerStatus {
  std::string pool;
  uint32_t slot = 0;
  uint64_t generation = 0;
  // "STARTED"; "BACKING_OFF", "WAITING" or "FAILED" where there is no process.
  std::string state;
  int32_t pid = 0;
  std::string status_text;
  uint32_t restarts = 0;
};

class EmbeddedSupervisor {
 public:
  struct Options {
    // Asked on each exit that nobody asked for, once the worker has been
    // STARTED. On the supervisor's thread: it must not block. Without it each
    // pool's restart policy decides.
    std::function<Decision(const WorkerExit&)> on_exit;
    // A worker's user message; on the supervisor's thread.
    std::function<void(absl::string_view pool, uint32_t slot,
                       absl::string_view topic, absl::string_view payload)>
        on_message;
    // Everything is over, with what a supervisor would exit with: after
    // Shutdown(), or by a Decision. On the supervisor's thread.
    std::function<void(int exit_code)> on_finished;
    // Workers' lines go to standard output, "[pool/slot] line".
    bool forward_output = true;
    absl::Duration operation_timeout = absl::Minutes(10);
    absl::Duration shutdown_timeout = absl::Minutes(2);
  };

  // Resource errors.
  static absl::StatusOr<std::unique_ptr<EmbeddedSupervisor>> Create(
      Options options);

  // Kills what is left of the workers. Call Shutdown() before.
  virtual ~EmbeddedSupervisor() = default;

  // Starts a pool and waits until every worker said STARTED. What `spec` leaves
  // out has the defaults of config.proto. InvalidArgument names the field;
  // AlreadyExists the pool; Aborted tells which worker failed and why: all its
  // workers are ended then, and the pool is gone.
  virtual absl::Status Start(const config::v1::Pool& spec) = 0;

  // By slot; a slot that is being replaced has more than one. Empty for a pool
  // that is not known.
  virtual std::vector<WorkerStatus> Statuses(absl::string_view pool) = 0;

  virtual absl::Status Scale(absl::string_view pool, uint32_t count) = 0;
  // Start-before-stop; Aborted if the new workers did not become ready, and
  // the former ones serve on.
  virtual absl::Status Reload(absl::string_view pool) = 0;
  virtual absl::Status RestartWorker(absl::string_view pool, uint32_t slot) = 0;
  // All processes stay, STOPPED; Resume starts them again.
  virtual absl::Status Stop(absl::string_view pool) = 0;
  virtual absl::Status Resume(absl::string_view pool) = 0;
  // Drains the pool and forgets it.
  virtual absl::Status Remove(absl::string_view pool) = 0;

  // FailedPrecondition: the worker did not declare user messages.
  virtual absl::Status SendMessage(absl::string_view pool, uint32_t slot,
                                   absl::string_view topic,
                                   absl::string_view payload) = 0;

  // Drains all workers and waits for their end; hard: kills them. Nothing can
  // be started afterwards.
  virtual absl::Status Shutdown(bool hard = false) = 0;
};

}  // namespace drover

#endif  // SUPERVISOR_EMBED_SUPERVISOR_H_
