// Reads of the whole: what the admin API answers about the present.
#ifndef SUPERVISOR_CONTROL_ANSWERS_H_
#define SUPERVISOR_CONTROL_ANSWERS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "drover/admin/v1/admin.pb.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/control/backend.h"
#include "supervisor/control/views.h"

namespace drover::control {

Clock ClockOf(const Backend& backend);

admin::v1::SupervisorInfo Info(const Backend& backend);

// In the order of the configuration. Empty `pool` = all of them, here and
// below; none if it names one that is not there.
std::vector<std::string> PoolNames(const Backend& backend,
                                   absl::string_view pool);

// As lists and snapshots have them: with the end of a worker's last output
// (Abridge). Once `kPartBytes` are reached, further pools come without their
// spec; GetPool has it.
std::vector<admin::v1::Pool> AllPools(const Backend& backend,
                                      absl::string_view pool);
admin::v1::Worker ListedWorker(const core::WorkerView& view,
                               const Clock& clock);
// By pool, slot, role.
std::vector<admin::v1::Worker> AllWorkers(const Backend& backend,
                                          absl::string_view pool);
// Running ones, then ended ones, newest first.
std::vector<admin::v1::Operation> AllOperations(const Backend& backend,
                                                absl::string_view pool,
                                                bool running_only);

// A pool is healthy while it is wanted to run and at least one worker is
// STARTED; the whole ("") while every pool is.
control::v1::Health HealthOf(const Backend& backend);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_ANSWERS_H_
