#include "supervisor/core/settings.h"

#include <csignal>
#include <string>

namespace drover::core {
namespace {

absl::Duration ToAbsl(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

int DumpSignalOf(config::v1::DumpSignal signal) {
  switch (signal) {
    case config::v1::DUMP_SIGNAL_SIGQUIT:
      return SIGQUIT;
    case config::v1::DUMP_SIGNAL_SIGUSR1:
      return SIGUSR1;
    case config::v1::DUMP_SIGNAL_SIGUSR2:
      return SIGUSR2;
    default:
      return 0;
  }
}

WorkerSettings WorkerSettingsOf(const config::v1::Pool& spec) {
  const config::v1::Timeouts& timeouts = spec.timeouts();
  const config::v1::Heartbeat& heartbeat = spec.heartbeat();
  return {.hello_timeout = ToAbsl(timeouts.hello()),
          .start_timeout = ToAbsl(timeouts.start()),
          .stop_timeout = ToAbsl(timeouts.stop()),
          .quit_timeout = ToAbsl(timeouts.quit()),
          .kill_timeout = ToAbsl(timeouts.kill()),
          .loss_timeout = ToAbsl(timeouts.loss()),
          .answer_grace = ToAbsl(timeouts.answer_grace()),
          .extend_max = ToAbsl(timeouts.extend_max()),
          .lame_duck = ToAbsl(timeouts.lame_duck()),
          .reload_timeout = ToAbsl(timeouts.reload()),
          .ping_interval = ToAbsl(heartbeat.interval()),
          .ping_timeout = ToAbsl(heartbeat.timeout()),
          .on_sigstop = heartbeat.on_sigstop(),
          .dump_signal = DumpSignalOf(heartbeat.dump_signal()),
          .dump_wait = ToAbsl(heartbeat.dump_wait()),
          .abort = heartbeat.abort(),
          .abort_wait = ToAbsl(heartbeat.abort_wait())};
}

BackoffSettings BackoffSettingsOf(const config::v1::Backoff& backoff) {
  return {.initial = ToAbsl(backoff.initial()),
          .max = ToAbsl(backoff.max()),
          .factor = backoff.factor(),
          .jitter = backoff.jitter(),
          .reset_after = ToAbsl(backoff.reset_after())};
}

// What Validate has let through is a share; anything else is none.
Share ShareOf(const std::string& text) {
  return ParseShare(text).value_or(Share{});
}

ReloadSettings ReloadSettingsOf(const config::v1::Reload& reload) {
  return {.max_surge = ShareOf(reload.max_surge()),
          .max_unavailable = ShareOf(reload.max_unavailable()),
          .min_ready_time = ToAbsl(reload.min_ready_time()),
          .canary_workers = reload.canary().workers(),
          .bake_time = ToAbsl(reload.canary().bake_time()),
          .progress_timeout = ToAbsl(reload.progress_timeout()),
          .in_place = reload.in_place()};
}

}  // namespace

PoolSettings SettingsOf(const config::v1::Pool& spec) {
  return {.worker = WorkerSettingsOf(spec),
          .backoff = BackoffSettingsOf(spec.restart().backoff()),
          .restart = spec.restart(),
          .restart_window = ToAbsl(spec.restart().window()),
          .reload = ReloadSettingsOf(spec.reload())};
}

}  // namespace drover::core
