#include "supervisor/os/out_of_memory.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "supervisor/os/file.h"

namespace drover::os {
namespace {

constexpr size_t kFileMax = 64 * 1024;

std::string PathOf(absl::string_view process) {
  std::string text;
  if (ReadFile(absl::StrCat("/proc/", process, "/cgroup"), kFileMax, &text) !=
      0) {
    return "";
  }
  return CgroupPath(text);
}

}  // namespace

bool WasOutOfMemory(pid_t pid) {
  std::string path = PathOf(absl::StrCat(pid));
  if (path.empty() || path == "/" || path == PathOf("self")) return false;
  std::string events;
  return ReadFile(absl::StrCat("/sys/fs/cgroup", path, "/memory.events"),
                  kFileMax, &events) == 0 &&
         VictimCount(events) > 0;
}

std::string CgroupPath(absl::string_view proc_pid_cgroup) {
  for (absl::string_view line : absl::StrSplit(proc_pid_cgroup, '\n')) {
    if (absl::ConsumePrefix(&line, "0::")) return std::string(line);
  }
  return "";
}

int64_t VictimCount(absl::string_view memory_events) {
  for (absl::string_view line : absl::StrSplit(memory_events, '\n')) {
    int64_t count = 0;
    if (absl::ConsumePrefix(&line, "oom_kill ") &&
        absl::SimpleAtoi(line, &count)) {
      return count;
    }
  }
  return 0;
}

}  // namespace drover::os
