// A supervisor of the suite's own, as small as one can be that passes every
// case, and can be given one fault. One loop, one pool.
#ifndef CONFORMANCE_SUPERVISOR_TESTEE_SUPERVISOR_H_
#define CONFORMANCE_SUPERVISOR_TESTEE_SUPERVISOR_H_

#include <poll.h>

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/supervisor_testee/control.h"
#include "conformance/supervisor_testee/settings.h"
#include "conformance/supervisor_testee/spawner.h"
#include "conformance/supervisor_testee/worker.h"

namespace drover::conformance {

class Supervisor {
 public:
  explicit Supervisor(const Settings& settings);

  // Until SIGTERM, and the end of all workers. The exit code.
  int Run();

 private:
  using Clock = Worker::Clock;

  struct Slot {
    uint32_t number;
    std::unique_ptr<Worker> holder;
    // Takes its place once it is STARTED.
    std::unique_ptr<Worker> next;
    std::unique_ptr<Worker> leaving;
    // When the empty slot is to be filled.
    std::optional<Clock::time_point> start_at;
    int restarts = 0;
  };

  // ---- supervisor.cc: the loop
  void Turn();
  void Wait();
  int MillisecondsLeft();
  void ReadSignals();
  void ReadWorkers();
  void TakeEnds();
  void ActOnDeadlines(Clock::time_point now);
  std::vector<Worker*> Workers();

  // ---- pool.cc: slots
  void Fill(Slot& slot);
  void StartNext(Slot& slot);
  void SteerSlot(Slot& slot);
  void WantAll(Goal goal);
  bool HasEnded(Worker& worker);
  void TakeEnd(Slot& slot, std::unique_ptr<Worker>& worker);
  void Replace(Slot& slot, const EndReport& report);
  bool Empty() const;

  // ---- orders.cc: what is told to it
  Control::Outcome Begin(const std::string& order);
  Control::Outcome Stop();
  Control::Outcome Start();
  Control::Outcome Restart();
  Control::Outcome Reload();
  Control::Outcome SendMessages(int count);

  const Settings& settings_;
  Spawner spawner_;
  Control control_;
  int signals_;
  std::vector<Slot> slots_;
  Goal goal_ = Goal::kRun;
  Clock::time_point last_end_;
  // A mutant leaves processes unreaped for a while.
  std::list<std::pair<Clock::time_point, std::unique_ptr<Worker>>> unreaped_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_TESTEE_SUPERVISOR_H_
