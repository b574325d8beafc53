#include "supervisor/os/handed_fds.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace drover::os {
namespace {

constexpr int kFirst = 3;
// More than a service manager hands over at once.
constexpr int kMax = 4096;

std::string Take(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);
  return taken;
}

}  // namespace

std::vector<HandedFd> TakeHandedFds() {
  const std::string pid = Take("LISTEN_PID");
  const std::string count = Take("LISTEN_FDS");
  const std::string names = Take("LISTEN_FDNAMES");
  int number = 0;
  int meant = 0;
  std::vector<HandedFd> taken;
  if (!absl::SimpleAtoi(pid, &meant) || meant != ::getpid() ||
      !absl::SimpleAtoi(count, &number) || number < 0 || number > kMax) {
    return taken;
  }
  std::vector<std::string> named = absl::StrSplit(names, ':');
  for (int i = 0; i < number; ++i) {
    const int fd = kFirst + i;
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue;
    const bool has_name = static_cast<size_t>(i) < named.size() &&
                          !named[static_cast<size_t>(i)].empty();
    taken.push_back(
        {has_name ? named[static_cast<size_t>(i)] : "unknown", UniqueFd(fd)});
  }
  return taken;
}

}  // namespace drover::os
