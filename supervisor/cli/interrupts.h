// Ctrl-C and its like, as something a command can wait for.
#ifndef SUPERVISOR_CLI_INTERRUPTS_H_
#define SUPERVISOR_CLI_INTERRUPTS_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

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

  // Guards what stands between it and the thread. (A standard one: TSan does
  // not see into abseil's, which comes compiled.)
  mutable std::mutex mutex_;
  mutable std::condition_variable noted_;
  bool pending_ = false;
  bool stopping_ = false;
  std::function<void()> wake_;
  std::thread thread_;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_INTERRUPTS_H_
