// Carries the core's effects out on fake processes, and turns what becomes of
// them into events, in any order that a real shell may see.
#ifndef SUPERVISOR_SIM_FAKE_SHELL_H_
#define SUPERVISOR_SIM_FAKE_SHELL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "supervisor/core/effect.h"
#include "supervisor/core/event.h"
#include "supervisor/sim/agenda.h"
#include "supervisor/sim/fake_worker.h"
#include "supervisor/sim/host.h"
#include "supervisor/wire/frame.h"

namespace drover::sim {

// How likely troubles are.
struct Weather {
  double worker_trouble = 0;
  double spawn_fails = 0;
  double spawn_late = 0;
};

class FakeShell {
 public:
  using Feed = std::function<void(const core::Event&)>;

  // What the shell does is on `loop`: it waits while the supervisor stands
  // still, where what processes do does not.
  FakeShell(Host& host, Agenda& loop, Feed feed)
      : host_(host), loop_(loop), feed_(std::move(feed)) {}

  void set_weather(const Weather& weather) { weather_ = weather; }

  void Carry(const core::Effect& effect);

  // Reads every channel as far as it goes: before the core is told the time
  // much later than it wanted.
  void ReadAll();

  // Nobody looks at any process with a debugger any more.
  void ContinueAll();

  void OnReadable(core::Incarnation process);
  void OnDied(core::Incarnation process);
  void OnStopped(core::Incarnation process);
  void OnContinued(core::Incarnation process);

  bool conforming(core::Incarnation process) const;
  // Those whose end the core has not heard of.
  std::vector<core::Incarnation> processes() const;
  FakeWorker* worker(core::Incarnation process) const;

 private:
  struct Process {
    std::shared_ptr<FakeWorker> worker;
    wire::FrameReader reader{wire::kWorkerFrameMax};
    bool there = false;  // not merely asked for
    bool reading = true;
    bool accepting = true;
    bool read_soon = false;
    std::vector<int> signals;  // that came before it
  };

  void Carry(const core::Spawn& effect);
  void Carry(const core::Send& effect);
  void Carry(const core::Signal& effect);
  void Appear(core::Incarnation incarnation);
  void Later(absl::Duration least, absl::Duration most, Agenda::Deed deed);
  // Hands out at most `bytes` of what can be read, as frames.
  void Read(core::Incarnation incarnation, uint64_t bytes);
  // False: nothing more is read from it.
  bool HandOut(core::Incarnation incarnation, Process& process);
  void Reap(core::Incarnation incarnation);
  Process* Find(core::Incarnation incarnation);

  Host& host_;
  Agenda& loop_;
  Feed feed_;
  Weather weather_;
  std::map<core::Incarnation, std::shared_ptr<Process>> processes_;
  // To see whether what was ready first is taken first.
  uint64_t made_ready_ = 0;
  uint64_t taken_ = 0;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_FAKE_SHELL_H_
