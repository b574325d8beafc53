// Holds the supervisor's sockets, and starts it again when it crashes. Nothing
// else: it knows nothing of pools, workers and configurations.
#ifndef SUPERVISOR_HOLD_HOLDER_H_
#define SUPERVISOR_HOLD_HOLDER_H_

#include <sys/types.h>

#include <chrono>
#include <optional>

#include "supervisor/hold/inbox.h"
#include "supervisor/hold/launch.h"
#include "supervisor/hold/restarts.h"
#include "supervisor/hold/store.h"

namespace drover::hold {

// One supervisor at a time. It is passed the signals that are sent here; what
// it exits with is what this ends with. When a signal has ended it, that nobody
// sent it through here, and it was not stopping, it is started again: at once,
// then after ever longer waits.
class Holder {
 public:
  // `command` is NULL-terminated. Takes signals over for the whole process.
  Holder(char* const* command, Restarts restarts);

  // Until the end; the exit code.
  int Run();

 private:
  using Clock = std::chrono::steady_clock;

  // -1: as long as it takes.
  int Timeout() const;
  void Launch();
  void OnSignals();
  void OnSignal(int signal);
  void Suspend();
  // At most so many datagrams.
  void Read(int most);
  void OnDatagram(Datagram datagram);
  void Reap();
  void OnEnd(int status);

  hold::Launch launch_;
  Inbox inbox_;
  Store store_;
  Restarts restarts_;
  UniqueFd signals_;
  // 0: none runs.
  pid_t supervisor_ = 0;
  Clock::time_point started_;
  Clock::time_point next_start_;
  // It said so, or a signal asked for it.
  bool stopping_ = false;
  // The last that was passed on to this supervisor.
  int passed_on_ = 0;
  bool told_full_ = false;
  std::optional<int> exit_code_;
};

}  // namespace drover::hold

#endif  // SUPERVISOR_HOLD_HOLDER_H_
