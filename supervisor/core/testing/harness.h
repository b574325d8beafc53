// A world for the core's tests: processes that behave as they are told, a clock
// that jumps, no kernel. Everything the core asks for happens at once unless a
// behaviour says otherwise.
#ifndef SUPERVISOR_CORE_TESTING_HARNESS_H_
#define SUPERVISOR_CORE_TESTING_HARNESS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "drover/worker/v1/worker.pb.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/core/testing/spec.h"

namespace drover::core {

// What a process does; by default all that it is asked.
struct Behaviour {
  bool spawns = true;
  bool says_hello = true;
  bool starts = true;           // false: hangs in STARTING
  bool fails_to_start = false;  // FAILED with words, then exit 1
  bool stops = true;            // false: hangs in STOPPING
  bool quits = true;            // false: ignores Quit
  bool ends_on_term = true;     // false: ignores SIGTERM
  bool ends_on_kill = true;     // false: uninterruptible
  bool answers_ping = true;
  bool answers_reload = true;
  bool fails_to_reload = false;  // answers FAILED
  std::vector<uint32_t> capabilities = {
      worker::v1::CAPABILITY_RESUME,   worker::v1::CAPABILITY_REQUEST,
      worker::v1::CAPABILITY_PROGRESS, worker::v1::CAPABILITY_USER_MESSAGES,
      worker::v1::CAPABILITY_RELOAD,   worker::v1::CAPABILITY_LAME_DUCK};
};

class Harness {
 public:
  explicit Harness(Options options = {});

  // Decides how a process behaves when it is spawned.
  std::function<Behaviour(const Identity&)> behave = [](const Identity&) {
    return Behaviour{};
  };

  // Hears every notice.
  std::function<void(const Notice&)> on_notice = [](const Notice&) {};

  Supervisor& core() { return core_; }
  absl::Time now() const { return now_; }

  // Commands and facts; what follows from them has happened on return.
  absl::StatusOr<OperationId> Submit(const Command& command);
  absl::Status Cancel(OperationId operation);
  absl::Status Decide(const std::string& pool, uint32_t slot,
                      config::v1::ExitAction action);
  void Fact(const Event& event);
  // The process says something of its own accord.
  void Say(Incarnation incarnation, worker::v1::ToSupervisor message);
  // The process ends by itself.
  void Die(Incarnation incarnation, int signal, int code);

  // Jumps from deadline to deadline until `duration` has passed.
  void Pass(absl::Duration duration);

  // Starts pools and expects success.
  void Start(std::vector<config::v1::Pool> specs);

  // Reading.
  struct Process {
    Identity id;
    Behaviour behaviour;
    std::vector<worker::v1::ToWorker> heard;
    std::vector<int> signals;
    bool alive = true;
    bool serving = false;  // between STARTED and Stop
  };
  const Process& process(Incarnation incarnation) const {
    return processes_.at(incarnation);
  }
  const std::map<Incarnation, Process>& processes() const { return processes_; }
  std::vector<Incarnation> Alive(const std::string& pool) const;
  uint32_t Serving(const std::string& pool) const;
  Incarnation Incumbent(const std::string& pool, uint32_t slot) const;
  OperationView Operation(OperationId id) const;
  // Every exit that was announced, in order.
  const std::vector<WorkerExited>& exits() const { return exits_; }
  const std::vector<std::string>& retired() const { return retired_; }
  // -1 while the core has not finished.
  int exit_code() const { return exit_code_; }

  // Watched at every step; extremes since the last ResetExtremes().
  uint32_t least_serving(const std::string& pool) const;
  uint32_t most_alive(const std::string& pool) const;
  void ResetExtremes();

 private:
  void Run();
  void Do(const Spawn& effect);
  void Do(const Send& effect);
  void Do(const Signal& effect);
  void Do(const RetireGeneration& effect);
  void Do(const RetirePool&) {}
  void Do(const UpdatePool&) {}
  void Do(const Notify& effect);
  void Do(const Finish& effect);
  void Hear(Process& process, const worker::v1::ToWorker& message);
  void Watch();

  Supervisor core_;
  absl::Time now_ = absl::UnixEpoch() + absl::Hours(1);
  Effects effects_;
  std::deque<Event> facts_;
  bool running_ = false;
  std::map<Incarnation, Process> processes_;
  std::vector<WorkerExited> exits_;
  std::vector<std::string> retired_;
  int exit_code_ = -1;
  std::map<std::string, uint32_t> least_serving_;
  std::map<std::string, uint32_t> most_alive_;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_HARNESS_H_
