// Starts the supervisor with what is held for it.
#ifndef SUPERVISOR_HOLD_LAUNCH_H_
#define SUPERVISOR_HOLD_LAUNCH_H_

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "supervisor/hold/store.h"

namespace drover::hold {

struct Launch {
  // NULL-terminated; the first is the program's path.
  char* const* command = nullptr;
  // Where it is to notify.
  std::string notify_socket;
  // What has ended the one before, as in "SIGKILL"; empty for the first.
  std::string former_end;
  // The signals that it starts with.
  sigset_t mask = {};
};

// -1 and errno if there can be no process. It is in a process group of its own:
// what the terminal, or a shell, sends to the holder's is passed on once by the
// holder and does not reach the supervisor by itself as well. A program that
// cannot be executed says so on standard error and ends with 127.
pid_t Start(const Launch& launch, const Store& store);

// What this process was itself started with for the purpose (LISTEN_FDS), as
// the first that is held.
void TakeOver(Store* store);

}  // namespace drover::hold

#endif  // SUPERVISOR_HOLD_LAUNCH_H_
