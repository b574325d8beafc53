#include "supervisor/config/processors.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace drover::config {
namespace {

constexpr uint32_t kNoLimit = UINT32_MAX;

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// cpu.max: "QUOTA PERIOD" in microseconds, or "max PERIOD".
uint32_t LimitOf(const std::string& cpu_max) {
  std::vector<absl::string_view> words =
      absl::StrSplit(cpu_max, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  uint64_t quota = 0;
  uint64_t period = 0;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &quota) ||
      !absl::SimpleAtoi(words[1], &period) || period == 0) {
    return kNoLimit;
  }
  return static_cast<uint32_t>(
      std::clamp<uint64_t>((quota + period - 1) / period, 1, kNoLimit));
}

uint32_t Affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<uint32_t>(std::max(CPU_COUNT(&set), 1));
}

}  // namespace

uint32_t CgroupProcessors(absl::string_view membership,
                          const std::string& root) {
  uint32_t least = kNoLimit;
  for (absl::string_view line : absl::StrSplit(membership, '\n')) {
    // Version 2 has one line, "0::/path".
    if (!absl::ConsumePrefix(&line, "0::/")) continue;
    std::string path(line);
    while (true) {
      least = std::min(
          least, LimitOf(ReadText(absl::StrCat(root, path.empty() ? "" : "/",
                                               path, "/cpu.max"))));
      if (path.empty()) break;
      size_t slash = path.rfind('/');
      path.resize(slash == std::string::npos ? 0 : slash);
    }
  }
  return least;
}

uint32_t UsableProcessors() {
  return std::min(Affinity(), CgroupProcessors(ReadText("/proc/self/cgroup"),
                                               "/sys/fs/cgroup"));
}

}  // namespace drover::config
