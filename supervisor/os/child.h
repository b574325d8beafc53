// A running child: its end and its signals.
#ifndef SUPERVISOR_OS_CHILD_H_
#define SUPERVISOR_OS_CHILD_H_

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <functional>
#include <optional>

#include "supervisor/os/children.h"
#include "supervisor/os/fd_watcher.h"
#include "supervisor/os/spawn.h"

namespace drover::os {

struct ExitStatus {
  // 0 means that `code` counts.
  int signal = 0;
  int code = 0;
  bool core_dumped = false;
};

// Owns a process from Spawn() until it is reaped. Its pid, and so the id of its
// process group, is pinned by the unreaped zombie: until Reap() neither can
// name someone else. Not thread-safe.
class Child {
 public:
  // `on_exit` is called once, from the loop, when the process has ended and is
  // not reaped yet.
  Child(asio::io_context& io, Children& children, SpawnedChild spawned,
        std::function<void()> on_exit);
  // Kills the group and reaps what is not reaped yet.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  int pidfd() { return pidfd_.fd(); }

  // How it ended; nullopt while it runs. Reaps nothing.
  std::optional<ExitStatus> Peek();

  // Signals the process group; the process itself where it has left its group.
  // Does nothing once it is reaped.
  void SignalGroup(int signal);

  // Signals the process alone.
  void SignalAlone(int signal);

  // Reaps the process that Peek() has seen ended, and looks for orphans that
  // hid behind it.
  void Reap();

 private:
  Children& children_;
  pid_t pid_;
  FdWatcher pidfd_;
  bool reaped_ = false;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_CHILD_H_
