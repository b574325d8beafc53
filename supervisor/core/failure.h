// Why something did not work, and how a process ended.
#ifndef SUPERVISOR_CORE_FAILURE_H_
#define SUPERVISOR_CORE_FAILURE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "supervisor/core/ids.h"

namespace drover::core {

// The numbers are those of drover.admin.v1.FailureReason.
enum class FailureReason {
  kNone = 0,
  kSpawn = 1,
  kHelloTimeout = 2,
  kUnsupportedVersion = 3,
  kStartTimeout = 4,
  kWorkerFailed = 5,
  kStopTimeout = 6,
  kQuitTimeout = 7,
  kUnresponsive = 8,
  kViolation = 9,
  kChannelLost = 10,
  kQueueFull = 11,
  kExited = 12,
  kCrashLoop = 13,
  kCancelled = 14,
  kSuperseded = 15,
  kShutdown = 16,
  kDeadline = 17,
  kPolicy = 18,
  kOrder = 19,
};

// "start timeout"
absl::string_view Name(FailureReason reason);

// The seed's exit reasons, as the kernel (or the failed spawn) reports them.
struct ExternalSignal {
  int signal = 0;
  bool core_dumped = false;
};
struct NormalExit {};  // code 0
struct AbnormalExit {
  int code = 0;
};
// The process never ran.
struct SpawnFailure {
  std::string step;  // "execve", "chdir", ...
  int error_number = 0;
};
using ExitReason =
    std::variant<ExternalSignal, NormalExit, AbnormalExit, SpawnFailure>;

// "SIGKILL" for 9; "signal 99" where there is no name.
std::string SignalName(int signal);

// "No such file or directory" for ENOENT.
std::string ErrorText(int error_number);

// Everything known about one ended process. The first cause wins: later ones
// never overwrite `cause` and `text`.
struct Exit {
  Identity worker;
  ExitReason reason;
  // An end was asked for: Quit was sent, or the operator wanted it killed.
  bool due = false;
  // The signal that ended it is one the supervisor sent.
  bool by_supervisor = false;
  // It had been STARTED.
  bool was_started = false;
  // Why the supervisor ended it, or what it missed; kNone if nothing was wrong.
  FailureReason cause = FailureReason::kNone;
  // Beside the reason: what was expected and seen, or the diagnosis.
  std::string text;
  // The worker's own, not sanitised.
  std::string last_words;
  std::vector<std::string> last_output;
  bool out_of_memory = false;
  // When it was known, on the core's clock.
  absl::Time time;

  // As it was asked: due and with code 0.
  bool clean() const {
    return due && std::holds_alternative<NormalExit>(reason);
  }
};

// One sentence: "killed by SIGKILL (sent by the supervisor: no Pong for 10s)".
std::string Describe(const Exit& exit);

// Why an operation or a pool failed.
struct Failure {
  FailureReason reason = FailureReason::kNone;
  // One sentence.
  std::string message;
  // What to do about it.
  std::string remedy;
  std::optional<Identity> worker;
  std::shared_ptr<const Exit> exit;
};

// A failure that no single worker is behind.
Failure Because(FailureReason reason, absl::string_view message,
                absl::string_view remedy = "");

// A failure that one worker's end caused; `outcome` follows what happened.
Failure BecauseOf(const std::shared_ptr<const Exit>& exit,
                  absl::string_view outcome, absl::string_view remedy);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_FAILURE_H_
