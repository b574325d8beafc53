#include "supervisor/core/testing/spec.h"

#include "absl/time/time.h"

namespace drover::core {
namespace {

void Set(google::protobuf::Duration* to, absl::Duration from) {
  int64_t nanos = absl::ToInt64Nanoseconds(from);
  to->set_seconds(nanos / 1'000'000'000);
  to->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

}  // namespace

config::v1::Pool TestSpec(const std::string& name, uint32_t count) {
  config::v1::Pool spec;
  spec.set_name(name);
  spec.add_command("worker");
  spec.set_count(count);
  auto* timeouts = spec.mutable_timeouts();
  Set(timeouts->mutable_hello(), absl::Seconds(10));
  Set(timeouts->mutable_start(), absl::Seconds(60));
  Set(timeouts->mutable_stop(), absl::Seconds(30));
  Set(timeouts->mutable_quit(), absl::Seconds(10));
  Set(timeouts->mutable_kill(), absl::Seconds(5));
  Set(timeouts->mutable_loss(), absl::Seconds(2));
  Set(timeouts->mutable_answer_grace(), absl::Milliseconds(500));
  Set(timeouts->mutable_extend_max(), absl::Minutes(5));
  Set(spec.mutable_heartbeat()->mutable_interval(), absl::ZeroDuration());
  Set(timeouts->mutable_lame_duck(), absl::ZeroDuration());
  Set(timeouts->mutable_reload(), absl::Seconds(30));
  auto* heartbeat = spec.mutable_heartbeat();
  Set(heartbeat->mutable_timeout(), absl::Seconds(10));
  heartbeat->set_on_sigstop(config::v1::SIGSTOP_ACTION_END);
  heartbeat->set_dump_signal(config::v1::DUMP_SIGNAL_NONE);
  Set(heartbeat->mutable_dump_wait(), absl::Seconds(2));
  Set(heartbeat->mutable_abort_wait(), absl::Seconds(10));
  auto* restart = spec.mutable_restart();
  restart->set_on_external_signal(config::v1::EXIT_ACTION_RESTART);
  restart->set_on_abnormal_exit(config::v1::EXIT_ACTION_RESTART);
  restart->set_on_normal_exit(config::v1::EXIT_ACTION_RESTART);
  restart->set_on_start_failure(config::v1::EXIT_ACTION_RESTART);
  restart->set_on_unresponsive(config::v1::EXIT_ACTION_RESTART);
  Set(restart->mutable_backoff()->mutable_initial(), absl::Milliseconds(100));
  Set(restart->mutable_backoff()->mutable_max(), absl::Seconds(30));
  restart->mutable_backoff()->set_factor(2);
  restart->mutable_backoff()->set_jitter(0);
  Set(restart->mutable_backoff()->mutable_reset_after(), absl::Seconds(10));
  restart->set_max_restarts(10);
  Set(restart->mutable_window(), absl::Minutes(1));
  auto* reload = spec.mutable_reload();
  reload->set_max_surge("1");
  reload->set_max_unavailable("0");
  Set(reload->mutable_min_ready_time(), absl::ZeroDuration());
  Set(reload->mutable_canary()->mutable_bake_time(), absl::Seconds(30));
  Set(reload->mutable_progress_timeout(), absl::Minutes(10));
  return spec;
}

}  // namespace drover::core
