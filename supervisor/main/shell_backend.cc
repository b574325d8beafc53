#include "supervisor/main/shell_backend.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "supervisor/core/refusal.h"
#include "supervisor/os/clock.h"

namespace drover {

ShellBackend::ShellBackend(const core::Supervisor& core, os::Shell& shell,
                           output::Store& store, Facts facts)
    : core_(core),
      shell_(shell),
      store_(store),
      facts_(std::move(facts)),
      session_(facts_.session),
      start_time_(facts_.start_time) {
  if (!session_.empty()) return;
  start_time_ = os::ToWall(os::Now());
  session_ = absl::StrFormat("%x-%x", absl::ToUnixNanos(start_time_), pid());
}

absl::Time ShellBackend::Now() const { return os::Now(); }

absl::Time ShellBackend::ToWall(absl::Time instant) const {
  return os::ToWall(instant);
}

absl::StatusOr<core::OperationId> ShellBackend::Submit(
    const core::Command& command, absl::string_view caller) {
  return shell_.Submit(command, caller);
}

absl::Status ShellBackend::Cancel(core::OperationId operation,
                                  absl::string_view caller) {
  return shell_.Cancel(operation, caller);
}

absl::StatusOr<core::OperationId> ShellBackend::ApplyConfig(
    const config::v1::Config& desired, absl::string_view caller) {
  auto operation = shell_.ApplyConfig(desired, caller);
  if (operation.ok() || core::RefusalOf(operation.status())) return operation;
  // What the core has not refused, the system has: a listener, a user, a file.
  return core::Refuse(absl::StatusCode::kFailedPrecondition,
                      operation.status().message(),
                      {"CANNOT_PREPARE", "config.pools",
                       "mend what it names, then apply again"});
}

config::v1::Config ShellBackend::CurrentConfig() const {
  return shell_.CurrentConfig();
}

std::vector<control::BoundListener> ShellBackend::Listeners(
    absl::string_view pool) const {
  std::vector<control::BoundListener> bound;
  for (const os::NamedListener& listener : shell_.Listeners(pool)) {
    bound.push_back({listener.name, listener.socket->bound_address()});
  }
  return bound;
}

absl::Status ShellBackend::Upgrade(const std::string& binary,
                                   absl::string_view caller) {
  return facts_.upgrade->Begin(binary, caller);
}

uint32_t ShellBackend::upgrades() const { return facts_.upgrade->done(); }

const admin::v1::Upgrade* ShellBackend::last_upgrade() const {
  return facts_.upgrade->last();
}

int32_t ShellBackend::pid() const { return ::getpid(); }

uint32_t ShellBackend::gateway_restarts() const {
  return facts_.gateway_restarts ? facts_.gateway_restarts() : 0;
}

}  // namespace drover
