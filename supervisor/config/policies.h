// What the policies of one pool may not say together.
#ifndef SUPERVISOR_CONFIG_POLICIES_H_
#define SUPERVISOR_CONFIG_POLICIES_H_

#include <string>

#include "absl/status/status.h"
#include "drover/config/v1/config.pb.h"

namespace drover::config {

// `pool` is normalized and each of its fields is in range by itself. Names both
// fields where two contradict one another.
absl::Status CheckPolicies(const v1::Pool& pool, const std::string& path);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_POLICIES_H_
