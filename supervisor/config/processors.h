// How many processors this process may use.
#ifndef SUPERVISOR_CONFIG_PROCESSORS_H_
#define SUPERVISOR_CONFIG_PROCESSORS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::config {

// Those of its affinity mask, or fewer where its cgroup (version 2), or one
// above it, may use less time than that. At least 1.
uint32_t UsableProcessors();

// The least that a cgroup and those above it allow, in whole processors,
// rounded up; UINT32_MAX where none sets a limit. `membership` is the text of
// /proc/self/cgroup, `root` where the hierarchy is mounted.
uint32_t CgroupProcessors(absl::string_view membership,
                          const std::string& root);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_PROCESSORS_H_
