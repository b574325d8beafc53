#include "supervisor/main/exit_lines.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace drover {

bool ExitLines::Take(const std::string& pool, absl::Time time) {
  Count& count = pools_[pool];
  if (time - count.since >= absl::Seconds(1)) {
    count.since = time;
    count.told = 0;
  }
  if (count.told < kToldMax) {
    ++count.told;
    return true;
  }
  ++count.omitted;
  return false;
}

std::string ExitLines::Omitted(const std::string& pool) {
  auto found = pools_.find(pool);
  if (found == pools_.end() || found->second.omitted == 0) return "";
  const uint32_t omitted = std::exchange(found->second.omitted, 0);
  return absl::StrCat("pool ", pool, ": ", omitted,
                      " more ends that nobody asked for; see: drover status ",
                      pool);
}

}  // namespace drover
