// Plays the lines of a trace, one after another; see trace.h.
#ifndef SUPERVISOR_CORE_TESTING_TRACE_PLAYER_H_
#define SUPERVISOR_CORE_TESTING_TRACE_PLAYER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/supervisor.h"

namespace drover::core {

// What the core does stands so far from the margin.
inline constexpr absl::string_view kTraceIndent = "  ";

class TracePlayer {
 public:
  // Plays one line; what the core does is appended to lines().
  absl::Status Play(absl::string_view line);
  std::vector<std::string>& lines() { return lines_; }

 private:
  // A process, as far as a short form has to know it.
  struct Process {
    bool spawned = false;
    bool introduced = false;
    bool alive = true;
    bool terminated = false;
    std::string told;  // Start, Stop or Quit, until it is answered
    uint64_t op = 0;
  };

  using Words = absl::Span<const std::string>;

  absl::Status Act(Words words);
  // What people do.
  absl::Status SetUp(Words words);
  absl::Status DefinePool(Words words);
  absl::Status DoApply(Words words);
  absl::Status DoCommand(Words words);
  absl::Status DoReload(Words words);
  absl::Status DoShutdown(Words words);
  absl::Status DoCancel(Words words);
  absl::Status DoDecide(Words words);
  absl::Status DoMessage(Words words);
  absl::Status DoWait(Words words);
  absl::Status StandStill(Words words);
  absl::Status Show();
  // What becomes of processes.
  absl::Status DoFact(Words words);
  absl::Status DoFact(Incarnation incarnation, Words words);
  absl::Status ComesUp(Incarnation incarnation, Words capabilities);
  absl::Status Goes(Incarnation incarnation);
  absl::Status Everyone(Words words);
  bool MayComeUp(const Process& process) const;
  bool MayGo(const Process& process) const;
  void Exit(Incarnation incarnation, int signal, int code);

  Supervisor& core();
  absl::Status Submit(const Command& command);
  void Refused(const absl::Status& status);
  void Feed(const Event& event);
  void Note(const Effects& effects);
  void Note(const Effect& effect);
  void Print(std::string line);
  // An incarnation that was asked for and lives.
  absl::StatusOr<Process*> Find(Incarnation incarnation);

  Options options_ = {.version = "drover/trace"};
  std::optional<Supervisor> core_;
  absl::Time now_ = absl::UnixEpoch() + absl::Hours(1);
  std::map<std::string, config::v1::Pool> specs_;
  std::map<Incarnation, Process> processes_;
  std::vector<std::string> lines_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_TRACE_PLAYER_H_
