// For tests: the drover program as a process, its output in files or on a
// terminal.
#ifndef SUPERVISOR_CLI_TESTING_PROCESS_H_
#define SUPERVISOR_CLI_TESTING_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace drover::cli {

// The deadline of any step of a test.
inline constexpr absl::Duration kTestPatience = absl::Seconds(30);

struct Ended {
  // The exit code; 128 + N for signal N, -1 if it did not end in time.
  int code = -1;
  std::string out;
  std::string err;
};

class Process {
 public:
  // Starts `program` with nothing but `environment` (NAME=VALUE).
  Process(const std::string& program, const std::vector<std::string>& args,
          const std::vector<std::string>& environment, bool terminal = false);
  // Kills what has not ended.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal);

  // Until the output so far (out, or the terminal's) holds `text`.
  bool WaitFor(const std::string& text);

  // Until it ends. On a terminal `out` has all that was written to it, by both
  // streams.
  Ended Wait();

 private:
  std::string Output();

  bool terminal_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  // A file for each stream, or the master side of the terminal.
  int out_ = -1;
  int err_ = -1;
  std::string screen_;
};

// The drover of this build.
std::string DroverPath();

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_TESTING_PROCESS_H_
