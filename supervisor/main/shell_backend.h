// The shell and the core, as the control room asks for them.
#ifndef SUPERVISOR_MAIN_SHELL_BACKEND_H_
#define SUPERVISOR_MAIN_SHELL_BACKEND_H_

#include <functional>
#include <string>
#include <vector>

#include "supervisor/control/backend.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/main/upgrade.h"
#include "supervisor/os/shell.h"
#include "supervisor/output/store.h"

namespace drover {

class ShellBackend : public control::Backend {
 public:
  struct Facts {
    std::string version;
    std::string config_file;
    std::function<uint32_t()> gateway_restarts;
    const admin::v1::Predecessor* predecessor = nullptr;
    // Of another program of this process; empty = they begin now.
    std::string session;
    absl::Time start_time = absl::InfinitePast();
    // What `drover upgrade` asks for.
    InPlaceUpgrade* upgrade = nullptr;
  };

  // All references are borrowed.
  ShellBackend(const core::Supervisor& core, os::Shell& shell,
               output::Store& store, Facts facts);

  const core::Supervisor& core() const override { return core_; }
  output::Store& output() override { return store_; }
  absl::Time Now() const override;
  absl::Time ToWall(absl::Time instant) const override;
  absl::StatusOr<core::OperationId> Submit(const core::Command& command,
                                           absl::string_view caller) override;
  absl::Status Cancel(core::OperationId operation,
                      absl::string_view caller) override;
  absl::StatusOr<core::OperationId> ApplyConfig(
      const config::v1::Config& desired, absl::string_view caller) override;
  config::v1::Config CurrentConfig() const override;
  std::vector<control::BoundListener> Listeners(
      absl::string_view pool) const override;
  std::string version() const override { return facts_.version; }
  std::string session() const override { return session_; }
  std::string config_file() const override { return facts_.config_file; }
  absl::Time start_time() const override { return start_time_; }
  int32_t pid() const override;
  uint32_t gateway_restarts() const override;
  const admin::v1::Predecessor* predecessor() const override {
    return facts_.predecessor;
  }
  absl::Status Upgrade(const std::string& binary,
                       absl::string_view caller) override;
  uint32_t upgrades() const override;
  const admin::v1::Upgrade* last_upgrade() const override;

 private:
  const core::Supervisor& core_;
  os::Shell& shell_;
  output::Store& store_;
  Facts facts_;
  // Tells this run's event tokens from those of another.
  std::string session_;
  absl::Time start_time_;
};

}  // namespace drover

#endif  // SUPERVISOR_MAIN_SHELL_BACKEND_H_
