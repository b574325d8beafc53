// What processes leave behind.
#ifndef CONFORMANCE_TRIAL_DESCENDANTS_H_
#define CONFORMANCE_TRIAL_DESCENDANTS_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drover::conformance {

// Orphans among the descendants of this process become its children, whatever
// group or session they moved to.
void AdoptOrphans();

// The children of this process; those that have ended and were not reaped are
// not counted.
std::vector<pid_t> LiveChildren();

// The live children of any process.
std::vector<pid_t> LiveChildrenOf(pid_t parent);

// A file of /proc/PID; empty where the process is gone. (A stream would throw
// when it goes while being read.)
std::string ReadProc(pid_t pid, absl::string_view name);

// Neither gone, nor dead and not reaped yet.
bool IsRunning(pid_t pid);

// How long it has waited for a processor that others had.
std::chrono::milliseconds WaitedForCpu(pid_t pid);

// It waits for something.
bool IsAsleep(pid_t pid);

// A signal has stopped it.
bool IsStopped(pid_t pid);

// Kills and reaps all children but those named, and theirs in turn.
void KillChildrenBut(const std::vector<pid_t>& spared);

}  // namespace drover::conformance

#endif  // CONFORMANCE_TRIAL_DESCENDANTS_H_
