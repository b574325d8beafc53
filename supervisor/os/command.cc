#include "supervisor/os/command.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::os {
namespace {

std::string Under(absl::string_view directory, absl::string_view path) {
  bool absolute = !path.empty() && path.front() == '/';
  if (absolute || directory.empty()) return std::string(path);
  return absl::StrCat(directory, "/", path);
}

int RealPath(const std::string& path, std::string* real) {
  std::unique_ptr<char, decltype(&::free)> resolved(
      ::realpath(path.c_str(), nullptr), &::free);
  if (resolved == nullptr) return errno;
  *real = resolved.get();
  return 0;
}

// As execvp judges: a directory is no program.
int CheckExecutable(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return errno;
  if (!S_ISREG(info.st_mode)) return EACCES;
  return ::access(path.c_str(), X_OK) == 0 ? 0 : errno;
}

}  // namespace

int ResolveCommand(absl::string_view program, absl::string_view directory,
                   absl::string_view search_path, std::string* path) {
  if (program.empty()) return ENOENT;
  if (absl::StrContains(program, '/')) {
    return RealPath(Under(directory, program), path);
  }
  int failure = ENOENT;
  for (absl::string_view place : absl::StrSplit(search_path, ':')) {
    if (place.empty()) place = ".";
    std::string candidate = absl::StrCat(Under(directory, place), "/", program);
    int error_number = CheckExecutable(candidate);
    if (error_number == 0) return RealPath(candidate, path);
    if (error_number == EACCES) failure = EACCES;
  }
  return failure;
}

}  // namespace drover::os
