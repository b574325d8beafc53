#include "supervisor/cli/supervisor_program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "supervisor/base/log.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

// A holder hands its supervisor up to 256, from 3 on.
constexpr int kMemoryFileMin = 300;

absl::StatusOr<std::string> OwnDirectory() {
  char path[PATH_MAX];
  ssize_t size = ::readlink("/proc/self/exe", path, sizeof(path));
  if (size <= 0) return absl::ErrnoToStatus(errno, "/proc/self/exe");
  std::string own(path, static_cast<size_t>(size));
  return own.substr(0, own.rfind('/'));
}

absl::Status WriteAll(int fd, absl::string_view content) {
  while (!content.empty()) {
    ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::ErrnoToStatus(errno, "write to memory");
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> FindProgram(absl::string_view name) {
  std::vector<std::string> directories;
  if (const char* libexec = std::getenv("DROVER_LIBEXEC");
      libexec != nullptr && *libexec != '\0') {
    directories = {libexec};
  } else {
    absl::StatusOr<std::string> own = OwnDirectory();
    if (!own.ok()) return own.status();
    directories = {*own, absl::StrCat(*own, "/../libexec/drover")};
  }
  for (const std::string& directory : directories) {
    std::string program = absl::StrCat(directory, "/", name);
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return Problem(absl::StatusCode::kInternal,
                 absl::StrCat("there is no ", name, " in ",
                              absl::StrJoin(directories, " or ")),
                 "NOT_INSTALLED",
                 "install Drover completely, or say where it is with "
                 "DROVER_LIBEXEC");
}

absl::StatusOr<std::string> MemoryFile(const std::string& content) {
  UniqueFd file(::memfd_create("drover-config", MFD_CLOEXEC));
  if (!file.ok()) return absl::ErrnoToStatus(errno, "memfd_create");
  absl::Status status = WriteAll(file.get(), content);
  if (!status.ok()) return status;
  // Not close-on-exec: the supervisor opens it by its number.
  int fd = ::fcntl(file.get(), F_DUPFD, kMemoryFileMin);
  if (fd < 0) return absl::ErrnoToStatus(errno, "dup");
  return absl::StrCat("/proc/self/fd/", fd);
}

absl::Status Become(const std::string& program,
                    const std::vector<std::string>& args) {
  DROVER_LOG(kCli, "executes ", program, " ", absl::StrJoin(args, " "));
  const std::string name = program.substr(program.rfind('/') + 1);
  std::vector<char*> argv = {const_cast<char*>(name.c_str())};
  for (const std::string& arg : args) {
    argv.push_back(const_cast<char*>(arg.c_str()));
  }
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  return Problem(absl::StatusCode::kInternal,
                 absl::StrCat(program, ": ", strerror(errno)), "NOT_INSTALLED",
                 "install Drover again");
}

}  // namespace drover::cli
