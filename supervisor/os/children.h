// The processes this one is the parent of: those it started, and those that
// became its own when their parents died.
#ifndef SUPERVISOR_OS_CHILDREN_H_
#define SUPERVISOR_OS_CHILDREN_H_

#include <sys/types.h>

#include <set>
#include <vector>

namespace drover::os {

// Reaps children that nobody else will: descendants of workers whose parents
// died, and, as PID 1, those of the whole container. A child that was started
// here is reaped by its owner alone (child.h), after its last words were read.
class Children {
 public:
  // With `adopt`, descendants whose parents die become children of this process
  // rather than of PID 1, and ReapOrphans() reaps what was not started here. An
  // embedding program that has children of its own leaves it off.
  explicit Children(bool adopt);

  bool adopts() const { return adopt_; }

  // From Spawn() until it is reaped.
  void Add(pid_t pid) { started_.insert(pid); }
  void Remove(pid_t pid) { started_.erase(pid); }

  // A child that a signal has stopped, or that was continued.
  struct Stop {
    pid_t pid = 0;
    bool stopped = false;
  };
  // Those since the last call; to be called on SIGCHLD. None without `adopt`.
  std::vector<Stop> TakeStops();

  // To be called on SIGCHLD, and after a child of one's own was reaped: one
  // that waits for its owner hides the ones behind it. Returns how many it
  // reaped.
  int ReapOrphans();

 private:
  bool adopt_;
  std::set<pid_t> started_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_CHILDREN_H_
