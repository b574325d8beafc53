#include "supervisor/config/rules.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/strip.h"

namespace drover::config {
namespace {

constexpr double kMebibyte = 1024.0 * 1024.0;
constexpr double kTebibyte = kMebibyte * kMebibyte;

constexpr NumberRule kNumbers[] = {
    {"Supervisor.max_parallel_starts", 64, 1, 4096},
    {"Admin.max_connections", 256, 1, 4096},
    {"Pool.count", 1, 1, kWorkersMax},
    {"Pool.control_fd", 3, 3, 255, true},
    {"Listener.backlog", 1024, 1, 65535},
    {"Restart.max_restarts", 10, 0, 100000},
    {"Backoff.factor", 2, 1, 10},
    {"Backoff.jitter", 0.1, 0, 1},
    {"Canary.workers", 0, 0, kWorkersMax},
    {"Output.file_max_bytes", 10 * kMebibyte, 4096, kTebibyte},
    {"Output.file_keep", 3, 0, 100},
    {"Output.line_max_bytes", 8192, 256, 65536},
};

constexpr absl::Duration kNone = absl::ZeroDuration();
constexpr absl::Duration kMillisecond = absl::Milliseconds(1);
constexpr absl::Duration kSecond = absl::Seconds(1);
constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kHour = absl::Hours(1);
constexpr absl::Duration kDay = absl::Hours(24);

constexpr DurationRule kDurations[] = {
    {"Supervisor.shutdown_timeout", absl::Minutes(2), kSecond, kDay},
    {"Timeouts.hello", absl::Seconds(10), kMillisecond, kDay},
    {"Timeouts.start", absl::Seconds(60), kMillisecond, kDay},
    {"Timeouts.stop", absl::Seconds(30), kMillisecond, kDay},
    {"Timeouts.quit", absl::Seconds(10), kMillisecond, kDay},
    {"Timeouts.kill", absl::Seconds(5), kMillisecond, kDay},
    {"Timeouts.loss", absl::Seconds(2), kMillisecond, kDay},
    {"Timeouts.answer_grace", absl::Milliseconds(500), kNone, kMinute},
    {"Timeouts.extend_max", absl::Minutes(5), kNone, kDay},
    {"Timeouts.lame_duck", kNone, kNone, kHour},
    {"Timeouts.reload", absl::Seconds(30), kMillisecond, kDay},
    {"Heartbeat.interval", absl::Seconds(10), absl::Milliseconds(100), kHour,
     true},
    {"Heartbeat.timeout", absl::Seconds(10), absl::Milliseconds(10), kHour},
    {"Heartbeat.dump_wait", absl::Seconds(2), kMillisecond, kMinute},
    {"Heartbeat.abort_wait", absl::Seconds(10), kMillisecond,
     absl::Minutes(10)},
    {"Restart.window", kMinute, kSecond, kDay},
    {"Backoff.initial", absl::Milliseconds(100), kNone, kHour},
    // Its least value is `initial`; Validate sees to that.
    {"Backoff.max", absl::Seconds(30), kNone, kDay},
    {"Backoff.reset_after", absl::Seconds(10), kNone, kDay},
    {"Reload.min_ready_time", kNone, kNone, kHour},
    {"Reload.progress_timeout", absl::Minutes(10), kSecond, kDay},
    {"Canary.bake_time", absl::Seconds(30), kNone, kDay},
};

template <typename Rule, size_t N>
const Rule* Find(const Rule (&rules)[N],
                 const google::protobuf::FieldDescriptor& field) {
  absl::string_view name = ShortName(field);
  const Rule* found =
      std::find_if(std::begin(rules), std::end(rules),
                   [name](const Rule& rule) { return rule.field == name; });
  return found == std::end(rules) ? nullptr : found;
}

}  // namespace

const NumberRule* NumberRuleOf(const google::protobuf::FieldDescriptor& field) {
  return Find(kNumbers, field);
}

const DurationRule* DurationRuleOf(
    const google::protobuf::FieldDescriptor& field) {
  return Find(kDurations, field);
}

absl::string_view ShortName(const google::protobuf::FieldDescriptor& field) {
  return absl::StripPrefix(field.full_name(), "drover.config.v1.");
}

}  // namespace drover::config
