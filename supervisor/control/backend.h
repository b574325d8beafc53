// What the control room needs of the rest of the supervisor. Implemented by the
// program that wires core and shell together; by a fake in tests. All calls
// come from, and return on, the supervisor's one thread.
#ifndef SUPERVISOR_CONTROL_BACKEND_H_
#define SUPERVISOR_CONTROL_BACKEND_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/output/store.h"

namespace drover::control {

// A listener with the address it really has (a port 0 resolved).
struct BoundListener {
  std::string name;
  std::string address;
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual const core::Supervisor& core() const = 0;
  virtual output::Store& output() = 0;

  // The core's clock, and what the wall clock showed at an instant of it.
  virtual absl::Time Now() const = 0;
  virtual absl::Time ToWall(absl::Time instant) const = 0;

  // As core::Supervisor's, with the effects carried out before they return.
  virtual absl::StatusOr<core::OperationId> Submit(
      const core::Command& command, absl::string_view caller) = 0;
  virtual absl::Status Cancel(core::OperationId operation,
                              absl::string_view caller) = 0;

  // Makes `desired` (normalized and validated) the running configuration:
  // opens listeners, then submits one Apply. InvalidArgument or
  // FailedPrecondition, with a core::Refusal as payload where a field is at
  // fault, if a listener cannot be opened; nothing has changed then.
  virtual absl::StatusOr<core::OperationId> ApplyConfig(
      const config::v1::Config& desired, absl::string_view caller) = 0;

  // The configuration in force, normalized, with counts as last scaled.
  virtual config::v1::Config CurrentConfig() const = 0;

  virtual std::vector<BoundListener> Listeners(
      absl::string_view pool) const = 0;

  // For SupervisorInfo.
  virtual std::string version() const = 0;
  virtual std::string session() const = 0;
  virtual std::string config_file() const = 0;
  virtual absl::Time start_time() const = 0;  // wall clock
  virtual int32_t pid() const = 0;
  virtual uint32_t gateway_restarts() const = 0;
  // Null: the one before this supervisor was not killed.
  virtual const admin::v1::Predecessor* predecessor() const { return nullptr; }

  // Begins to replace the supervisor's program in place by `binary` (empty =
  // where the present one is from). A refusal (core::Refusal) has changed
  // nothing. Where a supervisor cannot do it, that is the refusal.
  virtual absl::Status Upgrade(const std::string& binary,
                               absl::string_view caller);
  // Those that went through, and the one under way or else the last: nullptr
  // before the first.
  virtual uint32_t upgrades() const { return 0; }
  virtual const admin::v1::Upgrade* last_upgrade() const { return nullptr; }
};

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_BACKEND_H_
