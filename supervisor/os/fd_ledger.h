// Descriptors that go over into the program that is executed in this one's
// place.
#ifndef SUPERVISOR_OS_FD_LEDGER_H_
#define SUPERVISOR_OS_FD_LEDGER_H_

#include <sys/types.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "drover/state/v1/handover.pb.h"

namespace drover::os {

// Borrows what it lists. Descriptors keep their numbers: the process is the
// same.
class FdLedger {
 public:
  // Lists the descriptor and returns its number, to be written where it
  // belongs; -1, which is no descriptor, is not listed.
  int Carry(int fd) { return Add(fd, 0); }
  // The pidfd of that process.
  int CarryPidfd(int fd, pid_t pid) { return Add(fd, pid); }

  // Lets go of it when the ledger goes: what must stand still until then.
  void Hold(std::shared_ptr<void> what) { held_.push_back(std::move(what)); }

  void Write(state::v1::Handover* to) const;

  // Whether the listed ones survive an execve. All or none: on an error, which
  // names the descriptor, none does.
  absl::Status Open();
  void Close();

 private:
  int Add(int fd, pid_t pid);

  std::vector<state::v1::Descriptor> listed_;
  std::vector<std::shared_ptr<void>> held_;
};

// Sets or clears FD_CLOEXEC; false if the descriptor is not open.
bool SetCloseOnExec(int fd, bool on);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FD_LEDGER_H_
