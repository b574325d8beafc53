// The signals that are sent to the supervisor itself.
#ifndef SUPERVISOR_OS_SIGNALS_H_
#define SUPERVISOR_OS_SIGNALS_H_

#include <signal.h>

#include <asio/io_context.hpp>
#include <functional>

#include "supervisor/os/fd_watcher.h"

namespace drover::os {

// Takes SIGTERM, SIGINT, SIGHUP, SIGUSR2 and SIGCHLD as events of the loop
// instead of as interruptions. It blocks them in the calling thread, so it is
// made before other threads are; its destructor restores the mask. One at a
// time.
class Signals {
 public:
  struct Callbacks {
    // SIGTERM or SIGINT. `count` begins at 1.
    std::function<void(int signal, int count)> terminate;
    std::function<void()> reload;   // SIGHUP
    std::function<void()> upgrade;  // SIGUSR2
    std::function<void()> child;    // SIGCHLD
  };

  // `terminations` have come already, to another program of this process.
  Signals(asio::io_context& io, Callbacks callbacks, int terminations = 0);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int terminations() const { return terminations_; }

 private:
  void Turn();
  void Dispatch(int signal);

  Callbacks callbacks_;
  sigset_t former_mask_;
  std::unique_ptr<FdWatcher> watcher_;
  int terminations_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_SIGNALS_H_
