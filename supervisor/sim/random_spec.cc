#include "supervisor/sim/random_spec.h"

#include "absl/time/time.h"
#include "supervisor/core/testing/spec.h"
#include "supervisor/sim/temper.h"

namespace drover::sim {
namespace {

using config::v1::ExitAction;

void Set(google::protobuf::Duration* to, absl::Duration from) {
  const int64_t nanos = absl::ToInt64Nanoseconds(from);
  to->set_seconds(nanos / 1'000'000'000);
  to->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

// Most people let workers be restarted.
ExitAction RandomAction(Chance& chance) {
  if (chance.OneIn(12)) return config::v1::EXIT_ACTION_LEAVE;
  if (chance.OneIn(24)) return config::v1::EXIT_ACTION_STOP_POOL;
  if (chance.OneIn(60)) return config::v1::EXIT_ACTION_SHUT_DOWN;
  return config::v1::EXIT_ACTION_RESTART;
}

void DrawTimeouts(config::v1::Timeouts* timeouts, Chance& chance) {
  auto seconds = [&](uint64_t most) {
    return absl::Seconds(static_cast<int64_t>(chance.Between(1, most)));
  };
  Set(timeouts->mutable_hello(), seconds(10));
  Set(timeouts->mutable_start(), seconds(20));
  Set(timeouts->mutable_stop(), seconds(10));
  Set(timeouts->mutable_quit(), seconds(5));
  Set(timeouts->mutable_kill(), seconds(5));
  Set(timeouts->mutable_loss(), seconds(2));
  Set(timeouts->mutable_extend_max(), absl::Minutes(2));
  Set(timeouts->mutable_lame_duck(),
      chance.OneOf(
          {absl::ZeroDuration(), absl::ZeroDuration(), absl::Seconds(3)}));
  Set(timeouts->mutable_reload(), seconds(10));
}

void DrawRestart(config::v1::Restart* restart, Chance& chance) {
  restart->set_on_external_signal(RandomAction(chance));
  restart->set_on_abnormal_exit(RandomAction(chance));
  restart->set_on_normal_exit(RandomAction(chance));
  restart->set_on_start_failure(RandomAction(chance));
  restart->set_on_unresponsive(RandomAction(chance));
  auto* backoff = restart->mutable_backoff();
  Set(backoff->mutable_initial(),
      chance.Between(absl::Milliseconds(1), absl::Seconds(1)));
  Set(backoff->mutable_max(),
      chance.Between(absl::Seconds(1), absl::Seconds(30)));
  backoff->set_factor(static_cast<double>(chance.Between(1, 4)));
  backoff->set_jitter(static_cast<double>(chance.Between(0, 3)) / 10);
  Set(backoff->mutable_reset_after(),
      chance.Between(absl::ZeroDuration(), absl::Seconds(20)));
  restart->set_max_restarts(
      static_cast<uint32_t>(chance.OneOf({1, 3, 10, 100})));
  if (chance.OneIn(4)) restart->add_permanent_exit_codes(78);
}

void DrawHeartbeat(config::v1::Heartbeat* heartbeat, Chance& chance) {
  Set(heartbeat->mutable_interval(),
      absl::Seconds(chance.OneOf({0, 2, 5, 10})));
  Set(heartbeat->mutable_timeout(), absl::Seconds(chance.OneOf({1, 5})));
  heartbeat->set_on_sigstop(chance.OneOf(
      {config::v1::SIGSTOP_ACTION_END, config::v1::SIGSTOP_ACTION_TOLERATE,
       config::v1::SIGSTOP_ACTION_CONTINUE}));
  heartbeat->set_dump_signal(chance.OneOf(
      {config::v1::DUMP_SIGNAL_NONE, config::v1::DUMP_SIGNAL_SIGQUIT}));
  heartbeat->set_abort(chance.OneIn(3));
}

void DrawReload(config::v1::Reload* reload, Chance& chance) {
  reload->set_max_surge(chance.OneOf({"0", "1", "2", "50%"}));
  reload->set_max_unavailable(reload->max_surge() == "0"
                                  ? chance.OneOf({"1", "50%"})
                                  : chance.OneOf({"0", "0", "1", "50%"}));
  Set(reload->mutable_min_ready_time(),
      chance.OneOf({absl::ZeroDuration(), absl::Seconds(1)}));
  auto* canary = reload->mutable_canary();
  canary->set_workers(static_cast<uint32_t>(chance.OneOf({0, 0, 1, 2})));
  Set(canary->mutable_bake_time(), absl::Seconds(chance.OneOf({0, 5, 30})));
  Set(reload->mutable_progress_timeout(),
      absl::Seconds(chance.OneOf({5, 60, 600})));
  reload->set_in_place(chance.OneIn(6));
}

}  // namespace

config::v1::Pool RandomSpec(const std::string& name,
                            const std::vector<std::string>& before,
                            Chance& chance) {
  config::v1::Pool spec = core::TestSpec(
      name, static_cast<uint32_t>(chance.Between(1, chance.OneOf({2, 5}))));
  DrawTimeouts(spec.mutable_timeouts(), chance);
  for (const std::string& other : before) {
    if (chance.OneIn(4)) spec.add_after(other);
  }
  spec.set_essential(chance.OneIn(16));
  return OtherPolicy(spec, chance);
}

config::v1::Pool OtherPolicy(const config::v1::Pool& spec, Chance& chance) {
  config::v1::Pool other = spec;
  other.set_command(0, chance.OneIn(8) ? kBadCommand : "worker");
  DrawHeartbeat(other.mutable_heartbeat(), chance);
  DrawRestart(other.mutable_restart(), chance);
  DrawReload(other.mutable_reload(), chance);
  return other;
}

}  // namespace drover::sim
