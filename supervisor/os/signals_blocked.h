// A while without signals.
#ifndef SUPERVISOR_OS_SIGNALS_BLOCKED_H_
#define SUPERVISOR_OS_SIGNALS_BLOCKED_H_

#include <signal.h>

namespace drover::os {

// Blocks every signal of the calling thread, and so those of the processes and
// threads that it starts meanwhile.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &former_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &former_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t former_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_SIGNALS_BLOCKED_H_
