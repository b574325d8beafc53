#include "supervisor/core/settings.h"

namespace drover::core {
namespace {

absl::Duration ToAbsl(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

WorkerSettings WorkerSettingsOf(const config::v1::Pool& spec) {
  const config::v1::Timeouts& timeouts = spec.timeouts();
  return {.hello_timeout = ToAbsl(timeouts.hello()),
          .start_timeout = ToAbsl(timeouts.start()),
          .stop_timeout = ToAbsl(timeouts.stop()),
          .quit_timeout = ToAbsl(timeouts.quit()),
          .kill_timeout = ToAbsl(timeouts.kill()),
          .loss_timeout = ToAbsl(timeouts.loss()),
          .answer_grace = ToAbsl(timeouts.answer_grace()),
          .extend_max = ToAbsl(timeouts.extend_max()),
          .ping_interval = ToAbsl(spec.heartbeat().interval()),
          .ping_timeout = ToAbsl(spec.heartbeat().timeout())};
}

BackoffSettings BackoffSettingsOf(const config::v1::Backoff& backoff) {
  return {.initial = ToAbsl(backoff.initial()),
          .max = ToAbsl(backoff.max()),
          .factor = backoff.factor(),
          .jitter = backoff.jitter(),
          .reset_after = ToAbsl(backoff.reset_after())};
}

}  // namespace

PoolSettings SettingsOf(const config::v1::Pool& spec) {
  return {.worker = WorkerSettingsOf(spec),
          .backoff = BackoffSettingsOf(spec.restart().backoff()),
          .restart = spec.restart(),
          .restart_window = ToAbsl(spec.restart().window()),
          .max_surge = spec.reload().max_surge(),
          .min_ready_time = ToAbsl(spec.reload().min_ready_time())};
}

}  // namespace drover::core
