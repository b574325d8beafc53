// Descriptors that came over from the program that this one was executed in
// place of.
#ifndef SUPERVISOR_OS_FD_INTAKE_H_
#define SUPERVISOR_OS_FD_INTAKE_H_

#include <map>
#include <vector>

#include "absl/status/status.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/base/unique_fd.h"

namespace drover::os {

// Reads and writes none of them, and leaves them open for yet another program
// until Commit(): what has not been committed can be given back whole.
class FdIntake {
 public:
  // Looks whether each listed number still means what it did, by its inode and,
  // of a pidfd, by its process.
  static absl::Status Verify(const state::v1::Handover& handover);

  explicit FdIntake(const state::v1::Handover& handover);

  // Closes what is neither listed, nor in `kept`, nor standard input, output or
  // error.
  void CloseOthers(std::vector<int> kept) const;

  // Who needs it owns it from now on; -1 is none. Only what is listed, once
  // (handover::ReadState has seen to that): otherwise none, and `status()`
  // says so.
  UniqueFd Take(int number);

  absl::Status status() const { return status_; }

  // Nothing goes back from here: no program that is started from now on gets
  // them by being executed.
  void Commit() const;

 private:
  // By number; whether it is taken.
  std::map<int, bool> listed_;
  absl::Status status_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FD_INTAKE_H_
