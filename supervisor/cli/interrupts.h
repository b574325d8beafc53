// Ctrl-C and its like, as something a command can wait for.
#ifndef SUPERVISOR_CLI_INTERRUPTS_H_
#define SUPERVISOR_CLI_INTERRUPTS_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace drover::cli {

// While one exists SIGINT, SIGTERM and SIGHUP end nothing by themselves: the
// first is noted and told, a second ends the program at once. Make it before
// any other thread (threads inherit what is blocked), and only one. Calls from
// any thread.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  bool pending() const;

  // Until then, or the first interrupt. True if interrupted.
  bool WaitUntil(absl::Time until) const;

  // Calls `wake` (from a thread of its own, or at once if one is pending) for
  // as long as the scope lives. One scope at a time.
  class Scope {
   public:
    Scope(Interrupts* interrupts, std::function<void()> wake);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Interrupts* interrupts_;
  };

 private:
  void Run();
  void Note();

  mutable absl::Mutex mutex_;
  bool pending_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<void()> wake_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_INTERRUPTS_H_
