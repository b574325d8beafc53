#include "supervisor/os/program_file.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover::os {
namespace {

absl::Status Refuse(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, " ", what));
}

}  // namespace

absl::StatusOr<UniqueFd> OpenProgram(const std::string& path) {
  if (!absl::StartsWith(path, "/")) {
    return Refuse(path, "is no absolute path; give one");
  }
  UniqueFd program(::open(path.c_str(), O_PATH | O_CLOEXEC));
  struct stat info;
  if (!program.ok() || ::fstat(program.get(), &info) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISREG(info.st_mode)) {
    return Refuse(path, "is no regular file; give the program's");
  }
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) {
    return Refuse(path, absl::StrCat("is uid ", info.st_uid,
                                     "'s, who could change it; chown it to "
                                     "root or to uid ",
                                     ::geteuid()));
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Refuse(path,
                  "can be written by others than its owner; chmod go-w it");
  }
  if ((info.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) {
    return Refuse(path, "is not executable; chmod +x it");
  }
  return program;
}

absl::StatusOr<UniqueFd> OpenOwnProgram() {
  UniqueFd program(::open("/proc/self/exe", O_PATH | O_CLOEXEC));
  if (!program.ok()) return absl::ErrnoToStatus(errno, "/proc/self/exe");
  return program;
}

std::string OwnProgramPath() {
  const char* given = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (given == nullptr || absl::StartsWith(given, "/dev/fd/")) return "";
  if (given[0] == '/') return given;
  char directory[PATH_MAX];
  if (::getcwd(directory, sizeof(directory)) == nullptr) return "";
  return absl::StrCat(directory, "/", given);
}

}  // namespace drover::os
