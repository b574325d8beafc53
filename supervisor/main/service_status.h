// What the service manager is told about the supervisor as a whole, as lines of
// the sd_notify protocol. Pure: it is told what happens, and asked what to say.
#ifndef SUPERVISOR_MAIN_SERVICE_STATUS_H_
#define SUPERVISOR_MAIN_SERVICE_STATUS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace drover {

// From the start of the program to its end: starting, then ready, now and then
// reloading, at last stopping.
class ServiceStatus {
 public:
  // A manager that waits for the start or the end has to be asked for more time
  // than it gives by itself. So long may nothing change until then.
  struct Patience {
    absl::Duration start = absl::Minutes(2);
    absl::Duration stop = absl::Minutes(3);
  };

  // What changes within this is told together.
  static constexpr absl::Duration kPause = absl::Seconds(1);
  static constexpr size_t kSummaryMax = 200;

  explicit ServiceStatus(Patience patience) : patience_(patience) {}

  // All pools are started.
  void OnReady();
  // The configuration is read again; `now` is of CLOCK_MONOTONIC.
  void OnReload(absl::Time now);
  // Each begun one ends: with "", or with why the running configuration stays.
  void OnReloadEnded(absl::string_view failure);
  // At most once: it is final.
  void OnStopping();
  // Something of the pools has changed.
  void OnChange() { changed_ = true; }

  // Whether Take() has something to say already, or when it has.
  absl::Time Due() const;

  // One datagram each, in order. `summary` is asked for only if it is needed.
  template <typename Summary>
  std::vector<std::string> Take(absl::Time now, Summary summary) {
    if (Due() > now) return {};
    return Compose(now, summary());
  }

 private:
  enum class Phase { kStarting, kReady, kStopping };

  std::vector<std::string> Compose(absl::Time now, std::string summary);
  std::string StatusLine(absl::string_view summary) const;
  std::string Extension() const;

  Patience patience_;
  Phase phase_ = Phase::kStarting;
  // What must be said at once and in this order.
  std::vector<std::string> urgent_;
  bool changed_ = true;
  absl::Time quiet_until_ = absl::InfinitePast();
  int reloads_ = 0;
  std::string reload_failure_;
};

// One pool in the summary.
struct PoolLine {
  std::string name;
  uint32_t ready = 0;
  uint32_t count = 0;
  // Empty where it is as it should be.
  std::string trouble;
};

// "web 4/4, api 1/2 (FAILED)", at most `max` bytes long; those in trouble
// first.
std::string SummaryOf(const std::vector<PoolLine>& pools, size_t max);

}  // namespace drover

#endif  // SUPERVISOR_MAIN_SERVICE_STATUS_H_
