// Ping and Pong with one worker: when to ask, and when it is too late.
#ifndef SUPERVISOR_CORE_HEARTBEAT_H_
#define SUPERVISOR_CORE_HEARTBEAT_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "supervisor/core/settings.h"

namespace drover::state::v1 {
class Heartbeat;
}  // namespace drover::state::v1

namespace drover::core {

class Heartbeat {
 public:
  // What TimePassed asks for.
  enum class Due { kNothing, kPing, kDead };
  // What became of a Pong.
  enum class Heard { kAnswer, kOld, kNeverAsked };

  // A stable state was entered; the count of time begins anew.
  void Resume(const WorkerSettings& settings, absl::Time now);
  // It was left: nothing is due until the next one.
  void Pause() { deadline_ = absl::InfiniteFuture(); }

  // Judges the deadline at `now`.
  Due Check(const WorkerSettings& settings, absl::Time now);

  Heard Hear(uint64_t id, const WorkerSettings& settings, absl::Time now);

  // Of the Ping that Check() just asked for.
  uint64_t id() const { return asked_; }
  absl::Time deadline() const { return deadline_; }
  bool paused() const { return deadline_ == absl::InfiniteFuture(); }

  void Write(state::v1::Heartbeat* to) const;
  void Read(const state::v1::Heartbeat& from);
  std::optional<absl::Time> last_pong() const { return last_pong_; }

 private:
  bool outstanding() const { return asked_ != answered_; }

  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
  absl::Time deadline_ = absl::InfiniteFuture();
  std::optional<absl::Time> last_pong_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_HEARTBEAT_H_
