// A pool's spec as the core works with it: durations instead of messages.
#ifndef SUPERVISOR_CORE_SETTINGS_H_
#define SUPERVISOR_CORE_SETTINGS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/base/share.h"

namespace drover::core {

// What governs the life of one process.
struct WorkerSettings {
  absl::Duration hello_timeout;
  absl::Duration start_timeout;
  absl::Duration stop_timeout;
  absl::Duration quit_timeout;
  absl::Duration kill_timeout;
  absl::Duration loss_timeout;
  absl::Duration answer_grace;
  absl::Duration extend_max;
  absl::Duration lame_duck;
  absl::Duration reload_timeout;
  absl::Duration ping_interval;  // zero = no heartbeat
  absl::Duration ping_timeout;
  config::v1::SigstopAction on_sigstop = config::v1::SIGSTOP_ACTION_END;
  // Against a worker that does not answer, before SIGTERM.
  int dump_signal = 0;  // 0 = none
  absl::Duration dump_wait;
  bool abort = false;
  absl::Duration abort_wait;
};

struct BackoffSettings {
  absl::Duration initial;
  absl::Duration max;
  double factor = 2;
  double jitter = 0;
  absl::Duration reset_after;
};

// What governs a reload.
struct ReloadSettings {
  Share max_surge;
  Share max_unavailable;
  absl::Duration min_ready_time;
  uint32_t canary_workers = 0;
  absl::Duration bake_time;
  absl::Duration progress_timeout;
  bool in_place = false;
};

// What governs the slots of a pool.
struct PoolSettings {
  WorkerSettings worker;
  BackoffSettings backoff;
  config::v1::Restart restart;
  absl::Duration restart_window;
  ReloadSettings reload;
};

// `spec` is normalized: every field is set.
PoolSettings SettingsOf(const config::v1::Pool& spec);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_SETTINGS_H_
