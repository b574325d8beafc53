// What the supervisor says of itself on standard error while it runs in a
// terminal or under a service manager: operations, pools, and exits that nobody
// asked for. One line each, and the worker's last output where it explains.
#ifndef SUPERVISOR_MAIN_CONSOLE_H_
#define SUPERVISOR_MAIN_CONSOLE_H_

#include <set>
#include <string>

#include "supervisor/core/notice.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/main/exit_lines.h"

namespace drover {

class Console {
 public:
  // Borrowed; looked at when an operation has changed.
  explicit Console(const core::Supervisor& core) : core_(core) {}

  void OnNotice(const core::Notice& notice);

  // Goes on where the console of another program has stopped: what runs now was
  // told as begun.
  void Resume();

 private:
  void Tell(const core::WorkerExited& exited);
  void Tell(const core::PoolChanged& changed);
  void Tell(const core::PoolRemoved& removed);
  void Tell(const core::OperationChanged& changed);
  void TellBegun(const core::OperationView& operation);
  void TellEnded(const core::OperationView& operation);

  // What a storm has left untold, once it begins to pass.
  void TellOmitted(const std::string& pool);

  const core::Supervisor& core_;
  ExitLines exit_lines_;
  // Told as begun, not yet as ended; progress in between is not told.
  std::set<core::OperationId> running_;
  core::OperationId last_begun_ = 0;
};

// "pool web: listener ..." and so on, as an error of the whole program.
void PrintError(absl::string_view text);

// What is news of the whole program.
void PrintNews(absl::string_view text);

// A failure with everything that helps to mend it, over several lines.
std::string Explain(const core::Failure& failure);

}  // namespace drover

#endif  // SUPERVISOR_MAIN_CONSOLE_H_
