// Sees to it that one of two programs goes on: while one takes over from the
// other, a crash, an exit or a hang of it executes the other in its place.
#ifndef SUPERVISOR_OS_TAKE_OVER_GUARD_H_
#define SUPERVISOR_OS_TAKE_OVER_GUARD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace drover::os {

// Words of the command line between two programs of one process. The numbers
// are descriptors'.
inline constexpr char kTakeOverFlag[] = "--take-over=";
inline constexpr char kFormerFlag[] = "--former=";
inline constexpr char kFailedFlag[] = "--upgrade-failed=";

// One a process, since signals are. What it does when it strikes are system
// calls alone, on a stack of its own: the program around it may be broken in
// any way.
class TakeOverGuard {
 public:
  struct Plan {
    // The command line of both programs, without the flags above.
    std::vector<std::string> arguments;
    // The sealed state.
    int state = -1;
    // What is executed instead (O_PATH); -1 = nothing is left to fall back
    // on, so that the process ends with a word why.
    int former = -1;
    absl::Duration limit = absl::Seconds(10);
  };

  static void Arm(const Plan& plan);

  // For the report: "it hung while reading the state". A literal.
  static void At(const char* step);

  // The program that is guarded says itself that it cannot.
  [[noreturn]] static void Fail(absl::string_view why);

  // It can: from here on it is on its own.
  static void Disarm();
};

// Executes the program in this one's place, with descriptors as they are set.
// Returns only if it cannot, with the reason.
absl::Status ExecuteInPlace(int program,
                            const std::vector<std::string>& arguments);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_TAKE_OVER_GUARD_H_
