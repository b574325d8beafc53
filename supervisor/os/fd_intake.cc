#include "supervisor/os/fd_intake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/file.h"

namespace drover::os {
namespace {

constexpr size_t kFdInfoMax = 4096;

// Whose end the pidfd tells: 0 if it is none; -1 once that process is reaped.
pid_t ProcessOf(int pidfd) {
  std::string text;
  if (ReadFile(absl::StrCat("/proc/self/fdinfo/", pidfd), kFdInfoMax, &text) !=
      0) {
    return 0;
  }
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    pid_t pid = 0;
    if (absl::ConsumePrefix(&line, "Pid:") && absl::SimpleAtoi(line, &pid)) {
      return pid;
    }
  }
  return 0;
}

absl::Status VerifyOne(const state::v1::Descriptor& one) {
  struct stat info;
  if (::fstat(one.number(), &info) != 0) {
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("descriptor ", one.number()));
  }
  if ((info.st_mode & S_IFMT) != one.type() || info.st_dev != one.device() ||
      info.st_ino != one.inode()) {
    return absl::DataLossError(
        absl::StrCat("descriptor ", one.number(), " is not what it was"));
  }
  if (one.pid() != 0 && ProcessOf(one.number()) != one.pid()) {
    return absl::DataLossError(absl::StrCat("descriptor ", one.number(),
                                            " is not of process ", one.pid()));
  }
  return absl::OkStatus();
}

void CloseRange(int first, int last) {
  if (first > last) return;
  ::syscall(SYS_close_range, first, last, 0);
}

}  // namespace

absl::Status FdIntake::Verify(const state::v1::Handover& handover) {
  for (const state::v1::Descriptor& one : handover.descriptors()) {
    if (absl::Status status = VerifyOne(one); !status.ok()) return status;
  }
  return absl::OkStatus();
}

FdIntake::FdIntake(const state::v1::Handover& handover) {
  for (const state::v1::Descriptor& one : handover.descriptors()) {
    listed_[one.number()] = false;
  }
}

void FdIntake::CloseOthers(std::vector<int> kept) const {
  for (const auto& [number, taken] : listed_) kept.push_back(number);
  std::sort(kept.begin(), kept.end());
  int next = STDERR_FILENO + 1;
  for (int number : kept) {
    CloseRange(next, number - 1);
    next = std::max(next, number + 1);
  }
  CloseRange(next, std::numeric_limits<int>::max());
}

UniqueFd FdIntake::Take(int number) {
  if (number == -1) return UniqueFd();
  auto found = listed_.find(number);
  if (found == listed_.end() || found->second) {
    status_.Update(absl::DataLossError(
        absl::StrCat("descriptor ", number, " cannot be taken")));
    return UniqueFd();
  }
  found->second = true;
  return UniqueFd(number);
}

void FdIntake::Commit() const {
  for (const auto& [number, taken] : listed_) SetCloseOnExec(number, true);
}

}  // namespace drover::os
