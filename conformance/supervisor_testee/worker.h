// One incarnation: a process, its channel, and what the supervisor makes of
// both. The tables of SPEC.md, chapter 15, in as few words as possible.
#ifndef CONFORMANCE_SUPERVISOR_TESTEE_WORKER_H_
#define CONFORMANCE_SUPERVISOR_TESTEE_WORKER_H_

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "conformance/supervisor_testee/channel.h"
#include "conformance/supervisor_testee/settings.h"
#include "conformance/trial/process.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::conformance {

// What is wanted of a worker; where it is at rest and that is something else,
// the command that leads there is sent.
enum class Goal { kRun, kStop, kQuit };

// How a process ended, for who watches.
struct EndReport {
  pid_t pid = 0;
  End end;
  bool due = false;
  bool by_supervisor = false;
  std::string cause;
  std::string text;
};

class Worker {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;

  struct Place {
    uint32_t slot;
    uint64_t incarnation;
    // DROVER_LISTEN_FDS says the same.
    int listener;  // -1: none
  };

  enum class Phase {
    kSpawned = 0,
    kInitialized = worker::v1::STATE_INITIALIZED,
    kStarting = worker::v1::STATE_STARTING,
    kStarted = worker::v1::STATE_STARTED,
    kStopping = worker::v1::STATE_STOPPING,
    kStopped = worker::v1::STATE_STOPPED,
    kShuttingDown = worker::v1::STATE_SHUTTING_DOWN,
    kFailed = worker::v1::STATE_FAILED,
  };

  enum class Reload { kNone, kRunning, kDone, kFailed };

  Worker(const Settings& settings, const Place& place, Process process,
         Fd channel);

  Phase phase() const { return phase_; }
  pid_t pid() const { return process_.pid(); }
  int pidfd() const { return process_.pidfd(); }
  Channel& channel() { return channel_; }

  // ---- worker.cc: what is wanted of it, and its deadlines
  void Want(Goal goal);
  Goal goal() const { return goal_; }
  // Towards the goal, where it is at rest.
  void Steer();
  // The next moment at which something is due.
  Clock::time_point NextDue() const;
  void ActOnDeadlines(Clock::time_point now);
  // To be called when the process has ended.
  EndReport Conclude();

  // ---- worker_commands.cc: what is said to it
  // False where it cannot be reloaded.
  bool SendReload();
  Reload reload() const { return reload_; }
  void SendMessage();

  // ---- worker_frames.cc: what it says
  // False where there was nothing to read.
  bool ReadChannel();
  // It asked to be replaced, and that was granted. Once.
  bool TakeRecycling();

 private:
  using Frame = worker::v1::ToSupervisor;

  bool Faulty(absl::string_view name) const { return settings_.Faulty(name); }
  bool InStablePhase() const;
  bool CommandRuns() const;
  bool Agreed(worker::v1::Capability capability) const;

  // ---- worker.cc
  void SetDeadline(Milliseconds time);
  void DeadlinePassed();
  void Escalate();
  void SignalGroup(int number);
  void Terminate();
  // The fault that it is ended for; the first one counts.
  void SetCause(absl::string_view cause);
  void Fail(absl::string_view cause);
  void AddWords(absl::string_view words);
  void Beat(Clock::time_point now);
  void Calm();
  bool PingOverdue(Clock::time_point now) const;
  bool Postponed() const;

  // ---- worker_commands.cc
  uint64_t Issue(worker::v1::ToWorker frame);
  void Command(worker::v1::ToWorker frame, Phase phase, Milliseconds time);
  void SendStart();
  void SendStop();
  void SendQuit();
  void SendPing(Clock::time_point now);
  void SendWelcome(const worker::v1::Hello& hello);
  void SendError(worker::v1::ProtocolErrorCode code);
  void Answer(uint64_t op, worker::v1::ResultCode code);
  void Violate(worker::v1::ProtocolErrorCode code);

  // ---- worker_frames.cc
  void Handle(const std::string& body);
  void HandleUnwelcomed(const Frame& frame);
  void HandleLeaving(const Frame& frame);
  void Dispatch(const Frame& frame);
  void HandleHello(const worker::v1::Hello& hello);
  void HandleState(const Frame& frame);
  void Become(int state);
  void HandlePong(uint64_t id);
  void HandleResult(const Frame& frame);
  void HandleRequest(const Frame& frame);
  void HandleProgress(const Frame& frame);
  void HandleGauges(const worker::v1::Gauges& gauges);
  void HandleMessage(const Frame& frame);
  void HandleUnknown(const Frame& frame);
  void GiveUp(const std::string& words);
  void ChannelEnded();

  const Settings& settings_;
  const Place place_;
  Process process_;
  Channel channel_;
  Phase phase_ = Phase::kSpawned;
  Goal goal_ = Goal::kRun;
  std::set<uint32_t> agreed_;

  std::optional<Clock::time_point> deadline_;
  // Where extensions of the running command begin.
  Clock::time_point first_deadline_;
  Milliseconds granted_in_started_{0};  // by a mutant
  bool terminated_ = false;
  bool killed_ = false;
  bool quit_sent_ = false;

  uint64_t op_ = 0;
  uint64_t command_op_ = 0;  // of the last Start, Stop or Quit
  uint64_t reload_op_ = 0;
  Reload reload_ = Reload::kNone;
  Clock::time_point reload_deadline_;

  uint64_t ping_ = 0;
  bool ping_waits_ = false;
  Clock::time_point ping_sent_;
  Clock::time_point next_ping_;

  bool recycling_ = false;
  std::string cause_;
  std::string words_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_TESTEE_WORKER_H_
