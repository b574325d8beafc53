// The life of one process. Inputs go through the transition table; what the
// supervisor wants of the process is a goal, and the machine sends whatever
// command leads there from the state it is in. Knows nothing of slots or pools.
//
// worker.cc is its life, worker_commands.cc what it is told, worker_words.cc
// what it says and how that is taken, worker_ending.cc how it is ended when it
// does not go by itself.
#ifndef SUPERVISOR_CORE_WORKER_H_
#define SUPERVISOR_CORE_WORKER_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/worker/v1/worker.pb.h"
#include "supervisor/core/effect.h"
#include "supervisor/core/event.h"
#include "supervisor/core/failure.h"
#include "supervisor/core/heartbeat.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/settings.h"
#include "supervisor/core/state.h"
#include "supervisor/core/timers.h"
#include "supervisor/core/transition_table.h"
#include "supervisor/core/view.h"

namespace drover::state::v1 {
class Worker;
}  // namespace drover::state::v1

namespace drover::core {

class StateErrors;

// What the supervisor wants of a process.
enum class Goal {
  kRun,   // STARTED
  kStop,  // STOPPED, and stay
  kQuit,  // drained and gone
};

// What its slot should know about.
enum class Outcome {
  kNone,
  kStarted,    // entered STARTED
  kStopped,    // entered STOPPED
  kRequested,  // asked for something: see TakeRequest()
  kReloaded,   // answered Reload, or did not in time: see TakeReload()
  kEnded,      // the process is gone: see exit()
};

class Worker {
 public:
  // Where the machine's doings go, and when they happen.
  struct Context {
    absl::Time now;
    Effects* effects = nullptr;
    absl::string_view version;
  };

  // Emits nothing: the owner asks the shell to spawn it.
  Worker(Identity identity, std::shared_ptr<const WorkerSettings> settings,
         absl::Time now);

  // Inputs --------------------------------------------------------------------

  void OnSpawned(int32_t pid, const Context& context);
  Outcome OnSpawnFailed(const SpawnFailed& event, const Context& context);
  Outcome OnFrame(const worker::v1::ToSupervisor& message,
                  const Context& context);
  Outcome OnRejected(const FrameRejected& event, const Context& context);
  Outcome OnClosed(const Context& context);
  Outcome OnOverflow(const Context& context);
  void OnProcessStopped(const Context& context);
  void OnProcessContinued(const Context& context);
  Outcome OnExited(const Exited& event, const Context& context);
  // deadline() has come.
  Outcome OnDeadline(const Context& context);

  // Wishes --------------------------------------------------------------------

  // `cause` and `text` go into the commands and to the operator.
  void SetGoal(Goal goal, worker::v1::Cause cause, absl::string_view text,
               const Context& context);
  // Sends Reload; kReloaded follows unless another wish or its end comes first.
  // Only where CanReload().
  void Reload(const Context& context);
  // No lame duck and no drain: Quit now, whatever it was told before.
  void Hurry(worker::v1::Cause cause, absl::string_view text,
             const Context& context);
  // The supervisor itself missed so much time: no deadline counts it.
  void Postpone(absl::Duration time, absl::Time now);
  // SIGKILL at once, whatever the state.
  void Kill(FailureReason cause, absl::string_view text,
            const Context& context);
  void Answer(uint64_t request, worker::v1::ResultCode code,
              absl::string_view text, const Context& context);
  // Holds from the next command and the next Ping on.
  void SetSettings(std::shared_ptr<const WorkerSettings> settings,
                   absl::Time now);

  // Where its owner keeps deadline() among all others.
  Timer& timer() { return timer_; }

  // Views ---------------------------------------------------------------------

  const Identity& identity() const { return identity_; }
  Incarnation incarnation() const { return identity_.incarnation; }
  WorkerState state() const { return state_; }
  absl::Time state_since() const { return state_since_; }
  // Of the state, not of the heartbeat; nullopt if it may last.
  std::optional<absl::Time> state_deadline() const {
    if (deadline_ == absl::InfiniteFuture()) return std::nullopt;
    return deadline_;
  }
  uint32_t in_flight() const { return in_flight_; }
  Goal goal() const { return goal_; }
  // When OnDeadline is wanted; InfiniteFuture if never.
  absl::Time deadline() const;
  // STARTED, wanted so, and with the capability.
  bool CanReload() const;
  // Takes work, and is meant to go on doing so.
  bool serves() const {
    return state_ == WorkerState::kStarted && goal_ == Goal::kRun;
  }
  bool Has(worker::v1::Capability capability) const;
  bool was_started() const { return was_started_; }
  // When it was last STARTED; meaningful if was_started().
  absl::Time started_at() const { return started_at_; }
  // The end it came to. Set once, by the input that gave kEnded.
  std::shared_ptr<const Exit> exit() const { return exit_; }
  // The request behind kRequested: its op and kind.
  struct Asked {
    uint64_t op = 0;
    worker::v1::RequestKind kind = worker::v1::REQUEST_KIND_UNSPECIFIED;
    std::string text;
  };
  std::optional<Asked> TakeRequest();
  // What came of the Reload behind kReloaded: OK, or what went wrong.
  struct Reloaded {
    FailureReason reason = FailureReason::kNone;
    std::string text;
  };
  Reloaded TakeReload() { return std::exchange(reloaded_, Reloaded{}); }
  // Everything but role, restarts and last_exit.
  void FillView(WorkerView* view) const;

  // State ---------------------------------------------------------------------

  void Write(state::v1::Worker* to) const;
  static std::unique_ptr<Worker> Read(
      const state::v1::Worker& from,
      std::shared_ptr<const WorkerSettings> settings, StateErrors& errors);

 private:
  // The steps of ending a process that does not go by itself.
  enum class Ending { kNone, kGrace, kDump, kAbort, kTerm, kKill };

  Outcome Take(Input input, const worker::v1::ToSupervisor* message,
               const Context& context);
  void Enter(WorkerState state, const Context& context);
  // Sends the command that leads from a stable state to the goal.
  void Pursue(const Context& context);
  void PursueFromStarted(const Context& context);
  void PursueFromSpawned(const Context& context);

  Outcome Welcome(const worker::v1::Hello& hello, const Context& context);
  Outcome Become(const worker::v1::StateReport& report, WorkerState next,
                 const Context& context);
  void HearPong(const worker::v1::Pong& pong, const Context& context);
  Outcome HearResult(const worker::v1::ToSupervisor& message,
                     const Context& context);
  Outcome HearReloadResult(const worker::v1::Result& result,
                           const Context& context);
  Outcome HearRequest(const worker::v1::ToSupervisor& message,
                      const Context& context);
  void HearProgress(const worker::v1::ToSupervisor& message, bool may_extend,
                    const Context& context);
  void HearGauges(const worker::v1::Gauges& gauges);
  void HearUser(const worker::v1::ToSupervisor& message,
                const Context& context);
  void Respond(const worker::v1::ToSupervisor& message,
               worker::v1::ResultCode code, const Context& context);
  void KeepWords(const worker::v1::ToSupervisor& message);
  // The deadline of a stable state: of a lame duck, a Reload, or the heartbeat.
  Outcome StableDeadline(const Context& context);
  void Beat(const Context& context);

  void BeginLameDuck(const Context& context);
  void EndLameDuck();
  Outcome EndReload(FailureReason reason, absl::string_view text,
                    const Context& context);
  // While a tolerated process is stopped, its deadlines wait.
  bool Tolerates() const;
  void Hold(absl::Time now);
  void Release(absl::Time now);
  void Note(absl::string_view text, const Context& context);

  void SendStart(const Context& context);
  void SendStop(const Context& context);
  void SendQuit(const Context& context);
  void Send(worker::v1::ToWorker message, const Context& context);

  // The first cause wins.
  void Blame(FailureReason cause, absl::string_view text);
  void Violate(worker::v1::ProtocolErrorCode code, absl::string_view text,
               const Context& context);
  // Enters FAILED and waits so long before signals.
  void Fail(FailureReason cause, absl::string_view text, absl::Duration grace,
            const Context& context);
  // What makes the process describe itself first, where that is wanted.
  void Interrogate(const Context& context);
  void Abort(const Context& context);
  void Terminate(const Context& context);
  void KillGroup(const Context& context);
  void Escalate(const Context& context);
  // Sends and remembers them.
  void SignalGroup(std::initializer_list<int> signals, const Context& context);
  void SignalProcess(std::initializer_list<int> signals,
                     const Context& context);
  bool Sent(int signal) const { return (sent_signals_ >> signal) & 1; }
  std::string ClosedDiagnosis() const;

  // Whether the report's `re` fits: nullopt = take it, otherwise what to do.
  std::optional<Action> JudgeReport(const worker::v1::ToSupervisor& message,
                                    Input input) const;
  bool Floods(absl::Time now);

  Identity identity_;
  std::shared_ptr<const WorkerSettings> settings_;

  WorkerState state_ = WorkerState::kSpawned;
  absl::Time state_since_;
  absl::Time deadline_ = absl::InfiniteFuture();
  // How far Progress may move it.
  absl::Time deadline_cap_ = absl::InfiniteFuture();
  Heartbeat heartbeat_;
  Timer timer_;

  Goal goal_ = Goal::kRun;
  worker::v1::Cause cause_ = worker::v1::CAUSE_UNSPECIFIED;
  std::string cause_text_;

  uint64_t last_op_ = 0;     // issued on this channel
  uint64_t command_op_ = 0;  // the lifecycle command that stands
  uint64_t reload_op_ = 0;   // the Reload that stands; 0 = none
  Reloaded reloaded_;
  // LameDuck was sent, or its time has passed.
  bool lame_duck_ = false;
  bool lame_duck_over_ = false;
  bool process_stopped_ = false;
  // Since when deadlines wait; InfiniteFuture if they do not.
  absl::Time held_since_ = absl::InfiniteFuture();
  bool quit_sent_ = false;
  bool introduced_ = false;
  Ending ending_ = Ending::kNone;
  bool closed_ = false;

  int32_t pid_ = 0;
  absl::Time spawned_at_;
  bool was_started_ = false;
  absl::Time started_at_;
  Introduction introduction_;
  std::vector<uint32_t> capabilities_;  // as in Welcome
  std::string status_text_;
  std::string last_words_;
  uint32_t in_flight_ = 0;
  std::map<std::string, double> gauges_;
  std::optional<Asked> asked_;

  FailureReason blame_ = FailureReason::kNone;
  std::string blame_text_;
  // Signals that the supervisor sent, a bit for each number.
  uint64_t sent_signals_ = 0;
  std::shared_ptr<const Exit> exit_;

  absl::Time flood_since_ = absl::InfinitePast();
  uint32_t flood_count_ = 0;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_WORKER_H_
