// Reads of the whole: what the admin API answers about the present.
#ifndef SUPERVISOR_CONTROL_ANSWERS_H_
#define SUPERVISOR_CONTROL_ANSWERS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "drover/admin/v1/admin.pb.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/control/backend.h"
#include "supervisor/control/views.h"

namespace drover::control {

Clock ClockOf(const Backend& backend);

admin::v1::SupervisorInfo Info(const Backend& backend);

// Empty `pool` = all of them, here and below.
std::vector<admin::v1::Pool> AllPools(const Backend& backend,
                                      absl::string_view pool);
// By pool, slot, role.
std::vector<admin::v1::Worker> AllWorkers(const Backend& backend,
                                          absl::string_view pool);
std::vector<admin::v1::Operation> AllOperations(const Backend& backend,
                                                absl::string_view pool,
                                                bool running_only);

admin::v1::Snapshot SnapshotWithoutWorkers(const Backend& backend,
                                           absl::string_view pool);

// A pool is healthy while it is wanted to run and at least one worker is
// STARTED; the whole ("") while every pool is.
control::v1::Health HealthOf(const Backend& backend);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_ANSWERS_H_
