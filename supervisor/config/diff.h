// What it takes to get from one configuration to another.
#ifndef SUPERVISOR_CONFIG_DIFF_H_
#define SUPERVISOR_CONFIG_DIFF_H_

#include "drover/admin/v1/admin.pb.h"
#include "drover/config/v1/config.pb.h"

namespace drover::config {

// Both are normalized and valid. One change for each pool of either, those of
// `desired` in its order, then those that go:
//
//   ADD, REMOVE  the pool is in one of them only
//   UNCHANGED    nothing differs
//   RELOAD       something differs that a process takes in when it starts; the
//                count, if it differs too, comes into force with it
//   SCALE        the count differs. What else differs (see `fields`) is of the
//                kind of UPDATE: whoever carries the plan out does both
//   UPDATE       only what the supervisor keeps to itself differs: output,
//                timeouts, heartbeat, restart, reload
//
// What an environment_file holds is not looked at: `reload` takes that in.
admin::v1::Plan Diff(const v1::Config& running, const v1::Config& desired);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_DIFF_H_
