// Pools as people may configure them.
#ifndef SUPERVISOR_SIM_RANDOM_SPEC_H_
#define SUPERVISOR_SIM_RANDOM_SPEC_H_

#include <string>
#include <vector>

#include "drover/config/v1/config.pb.h"
#include "supervisor/sim/chance.h"

namespace drover::sim {

// It may come after some of `before`.
config::v1::Pool RandomSpec(const std::string& name,
                            const std::vector<std::string>& before,
                            Chance& chance);

// The same pool with another policy, and its deadlines as they were.
config::v1::Pool OtherPolicy(const config::v1::Pool& spec, Chance& chance);

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_RANDOM_SPEC_H_
