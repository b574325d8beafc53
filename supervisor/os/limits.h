// Resource limits of the supervisor and of what it starts.
#ifndef SUPERVISOR_OS_LIMITS_H_
#define SUPERVISOR_OS_LIMITS_H_

#include <sys/resource.h>

#include <optional>
#include <vector>

#include "drover/config/v1/config.pb.h"

namespace drover::os {

struct Limit {
  int resource = 0;  // RLIMIT_NOFILE ...
  rlimit value = {};
};

// Raises the limit on open files as far as it goes (a thousand workers need
// four thousand descriptors) and returns what it was, which every child gets
// back: a large one makes programs slow that close "all" descriptors, and
// breaks those that use select().
Limit RaiseOpenFiles();

// The limits to set in a child of the pool: the configured ones, and
// `open_files` where the pool says nothing about it; nullopt = inherited.
std::vector<Limit> ChildLimits(const config::v1::ResourceLimits& configured,
                               const std::optional<Limit>& open_files);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_LIMITS_H_
