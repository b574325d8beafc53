// A spec for tests and benchmarks of the core.
#ifndef SUPERVISOR_CORE_TESTING_SPEC_H_
#define SUPERVISOR_CORE_TESTING_SPEC_H_

#include <cstdint>
#include <string>

#include "drover/config/v1/config.pb.h"

namespace drover::core {

// With every default filled in, as supervisor/config would, but without
// heartbeat and jitter.
config::v1::Pool TestSpec(const std::string& name, uint32_t count);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_SPEC_H_
