// Which pool waits for which.
#ifndef SUPERVISOR_CONFIG_ORDER_H_
#define SUPERVISOR_CONFIG_ORDER_H_

#include "absl/status/status.h"
#include "drover/config/v1/config.pb.h"

namespace drover::config {

// Pool.after names pools of the file, each once, and leads to no cycle.
absl::Status CheckOrder(const v1::Config& config);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_ORDER_H_
