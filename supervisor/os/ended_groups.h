// Process groups whose leaders have ended and whose members have been killed.
#ifndef SUPERVISOR_OS_ENDED_GROUPS_H_
#define SUPERVISOR_OS_ENDED_GROUPS_H_

#include <sys/types.h>

#include <set>

namespace drover::os {

// Asks the kernel whether members are left. It only ever asks: an id may name
// someone else once its group is empty.
class EndedGroups {
 public:
  // Remembers the group if it is not empty.
  void Add(pid_t group);

  bool AreGone();

  const std::set<pid_t>& groups() const { return groups_; }

 private:
  // Beyond it the smallest ids are forgotten: a worker that leaves something
  // unkillable behind at each end must not cost memory without bound.
  static constexpr size_t kMax = 4096;

  std::set<pid_t> groups_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_ENDED_GROUPS_H_
