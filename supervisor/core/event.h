// What the shell tells the core: facts about processes, in the order in which
// they happened. For one process: Spawned or SpawnFailed first; SpawnFailed and
// Exited are the last. An event about an incarnation that is not known (any
// more) is ignored.
#ifndef SUPERVISOR_CORE_EVENT_H_
#define SUPERVISOR_CORE_EVENT_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "drover/worker/v1/worker.pb.h"
#include "supervisor/core/ids.h"

namespace drover::core {

// The Spawn effect was carried out; the process runs.
struct Spawned {
  Incarnation incarnation = 0;
  int32_t pid = 0;
};

// It could not be carried out. No Exited follows.
struct SpawnFailed {
  Incarnation incarnation = 0;
  // The step that failed: "execve", "chdir", "setuid", "pipe" ...
  std::string step;
  int error_number = 0;
  // What the step was done to: the program, the directory, the file.
  std::string object = {};
};

// The worker sent a well-formed frame.
struct FrameReceived {
  Incarnation incarnation = 0;
  worker::v1::ToSupervisor message;
};

// The worker sent bytes that are no frame or no message. The shell reads
// nothing more from it.
struct FrameRejected {
  Incarnation incarnation = 0;
  worker::v1::ProtocolErrorCode code =
      worker::v1::PROTOCOL_ERROR_CODE_UNSPECIFIED;
  std::string text;
};

// End of the channel. Says nothing about the process.
struct ChannelClosed {
  Incarnation incarnation = 0;
};

// The worker does not read: the bounded queue to it overflowed. What did not
// fit was dropped, and so will be everything after it.
struct QueueOverflowed {
  Incarnation incarnation = 0;
};

// A signal (SIGSTOP, SIGTSTP, a debugger) stopped the process, not the
// protocol.
struct ProcessStopped {
  Incarnation incarnation = 0;
};

// It was continued.
struct ProcessContinued {
  Incarnation incarnation = 0;
};

// The process ended. The shell has read its channel dry, ended the rest of its
// process group, and reaped it, in this order, before it says so.
struct Exited {
  Incarnation incarnation = 0;
  // Exactly one of both is set: signal 0 means that `code` counts.
  int signal = 0;
  int code = 0;
  bool core_dumped = false;
  bool out_of_memory = false;
  // Oldest first; at most 20.
  std::vector<std::string> last_output;
};

// The time NextDeadline() named has come, or simply: time has passed.
struct TimePassed {};

using Event = std::variant<Spawned, SpawnFailed, FrameReceived, FrameRejected,
                           ChannelClosed, QueueOverflowed, ProcessStopped,
                           ProcessContinued, Exited, TimePassed>;

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_EVENT_H_
