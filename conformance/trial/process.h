// One process under test.
#ifndef CONFORMANCE_TRIAL_PROCESS_H_
#define CONFORMANCE_TRIAL_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "conformance/trial/fd.h"

namespace drover::conformance {

struct Inherited {
  int source;
  int number;  // what the process calls it
};

struct Command {
  std::vector<std::string> argv;         // argv[0] is looked up in PATH
  std::vector<std::string> environment;  // NAME=value, all of it
  std::vector<Inherited> fds;
};

// How a process ended.
struct End {
  bool by_signal = false;
  int number = 0;  // exit code or signal

  bool operator==(const End&) const = default;
};

// "exit code 3", "signal 11 (Segmentation fault)".
std::string Describe(const End& end);

// Leader of a process group of its own. The whole group is killed with its
// owner, and with the process that started it.
class Process {
 public:
  // NotFound, PermissionDenied and so on: the program could not be executed.
  static absl::StatusOr<Process> Start(const Command& command);

  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  // Readable when the process has ended.
  int pidfd() const { return pidfd_.get(); }

  // To the process alone, or to its group. Nothing once it was reaped.
  void Signal(int number) const;
  void SignalGroup(int number) const;

  // Takes the end of a process whose pidfd is readable; the first call reaps
  // it. nullopt while it runs.
  std::optional<End> Reap();

 private:
  Process(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

  pid_t pid_ = -1;
  Fd pidfd_;
  std::optional<End> end_;
};

// The environment of this process without what begins with DROVER_.
std::vector<std::string> PlainEnvironment();

}  // namespace drover::conformance

#endif  // CONFORMANCE_TRIAL_PROCESS_H_
