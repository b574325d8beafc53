#include "supervisor/os/ended_groups.h"

#include <signal.h>

#include <cerrno>

namespace drover::os {
namespace {

bool HasMembers(pid_t group) {
  return ::kill(-group, 0) == 0 || errno == EPERM;
}

}  // namespace

void EndedGroups::Add(pid_t group) {
  if (!HasMembers(group)) return;
  std::erase_if(groups_, [](pid_t other) { return !HasMembers(other); });
  if (groups_.size() >= kMax) groups_.erase(groups_.begin());
  groups_.insert(group);
}

bool EndedGroups::AreGone() {
  std::erase_if(groups_, [](pid_t group) { return !HasMembers(group); });
  return groups_.empty();
}

}  // namespace drover::os
