// The faults that the simulation injects, and proof that they were injected.
#ifndef SUPERVISOR_SIM_TROUBLE_H_
#define SUPERVISOR_SIM_TROUBLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::sim {

enum class Trouble {
  // What befalls a worker, at any point of its life.
  kCrash,            // a signal ends it
  kExitCode,         // it exits with a code
  kExitZero,         // it exits with 0, unasked
  kHang,             // it does nothing any more; SIGTERM ends it
  kDeadlock,         // nor does SIGTERM
  kFreeze,           // SIGSTOP; SIGCONT wakes it
  kSlow,             // takes longer than anybody waits
  kGarbage,          // bytes that are no frame
  kNoMessage,        // a frame that is no message
  kWrongMessage,     // a message that the state does not allow
  kUnknownMessage,   // a body that nobody knows
  kEarlyEnd,         // closes its channel and lives on
  kFlood,            // more frames in a second than are allowed
  kFails,            // says FAILED, and exits
  kLastWords,        // says Fatal, and lives on
  kProtocolError,    // says that the supervisor broke the protocol
  kRefuses,          // refuses the next command
  kStale,            // repeats an answer to an earlier command
  kTerminated,       // somebody else sends SIGTERM
  kWrongVersion,     // speaks another major
  kBadGeneration,    // no worker of this generation starts
  kUninterruptible,  // outlives SIGKILL for a while
  // What befalls the shell.
  kSpawnFails,
  kSpawnLate,     // the answer to a Spawn comes much later
  kPartialFrame,  // a read ends inside a frame
  kReordered,     // what was ready later is taken first
  kReadDry,       // last words are found at the exit only
  kQueueFull,     // the bounded queue to a worker overflows
  kPaused,        // the supervisor itself stands still
  kLateTimer,     // time is told later than it was wanted
  // What operators do, beside their work.
  kCancelled,
  kRefused,  // a command that is not possible now
  kDecided,  // the embedding program decides about a slot left FAILED
  kShutdown,
  // The core is written out, read back, and goes on from there.
  kReadBack,
};
inline constexpr size_t kTroubleCount =
    static_cast<size_t>(Trouble::kReadBack) + 1;
// Those that befall a worker come first.
inline constexpr size_t kWorkerTroubleCount =
    static_cast<size_t>(Trouble::kUninterruptible) + 1;

// "crash"
absl::string_view Name(Trouble trouble);

// How often each happened.
class Tally {
 public:
  void Count(Trouble trouble) { ++counts_[static_cast<size_t>(trouble)]; }
  uint64_t of(Trouble trouble) const {
    return counts_[static_cast<size_t>(trouble)];
  }
  void Add(const Tally& other);
  // One line a trouble.
  std::string ToString() const;

 private:
  std::array<uint64_t, kTroubleCount> counts_ = {};
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_TROUBLE_H_
