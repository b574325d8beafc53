#include "supervisor/os/fd_ledger.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace drover::os {

bool SetCloseOnExec(int fd, bool on) {
  return ::fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) == 0;
}

int FdLedger::Add(int fd, pid_t pid) {
  if (fd < 0) return -1;
  state::v1::Descriptor& one = listed_.emplace_back();
  one.set_number(fd);
  one.set_pid(pid);
  struct stat info;
  if (::fstat(fd, &info) == 0) {
    one.set_type(info.st_mode & S_IFMT);
    one.set_device(info.st_dev);
    one.set_inode(info.st_ino);
  }
  return fd;
}

void FdLedger::Write(state::v1::Handover* to) const {
  to->mutable_descriptors()->Assign(listed_.begin(), listed_.end());
}

absl::Status FdLedger::Open() {
  for (const state::v1::Descriptor& one : listed_) {
    if (SetCloseOnExec(one.number(), false)) continue;
    absl::Status status =
        absl::ErrnoToStatus(errno, absl::StrCat("descriptor ", one.number()));
    Close();
    return status;
  }
  return absl::OkStatus();
}

void FdLedger::Close() {
  for (const state::v1::Descriptor& one : listed_) {
    SetCloseOnExec(one.number(), true);
  }
}

}  // namespace drover::os
