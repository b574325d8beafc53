// Traces: stories about the core, as text. A line at the margin is something
// that happens; the indented lines below it are what the core does then.
//
//   # A worker that is killed comes back after its backoff.
//   pool web restart.backoff.initial=100ms
//   apply add web
//     spawn web/0 (1) generation 1
//   1 comes up
//     ...
//   1 is killed by SIGSEGV
//     ...
//
// Before anything else:
//   supervisor max_parallel_starts=1 shutdown_timeout=10s
//   pool NAME FIELD=VALUE ...    a spec, or changes to it; see config.proto
// What people do:
//   apply [at first] add|remove|scale|reload|update NAME ...
//   scale NAME N, reload NAME [in place|by replacement], restart NAME/SLOT,
//   stop NAME, start NAME, shutdown [fast|hard], cancel op-N,
//   decide NAME/SLOT ACTION, message NAME/SLOT TOPIC
// What becomes of a process, by its incarnation:
//   N spawned                    N cannot be spawned: STEP ERRNO
//   N says WORDS                 as in the core's own text: STARTED re 1
//   N says garbage               N closes its channel
//   N does not read              N is stopped by a signal
//   N is continued               N exits with CODE
//   N is killed by SIGNAL
// and in short, for one or for `everyone` whose turn it is:
//   N comes up [CAPABILITY ...]  spawned, Hello, STARTED
//   N goes                       STOPPED, and the exit that Quit asks for
// Time:
//   wait DURATION                from deadline to deadline
//   stand still DURATION         the supervisor does, and then hears the time
// Reading:
//   show                         operations that run, pools, workers
//
// `quietly` before a line leaves out what the core does.
#ifndef SUPERVISOR_CORE_TESTING_TRACE_H_
#define SUPERVISOR_CORE_TESTING_TRACE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::core {

// Plays the trace: the same text, with what the core does now. InvalidArgument
// names the file and the line that cannot be played.
absl::StatusOr<std::string> PlayTrace(absl::string_view file,
                                      absl::string_view text);

// Where two texts of a trace part: "FILE:LINE", what was expected, what came.
// Empty if they are the same.
std::string CompareTraces(absl::string_view file, absl::string_view expected,
                          absl::string_view actual);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_TRACE_H_
