// Ping and Pong.
#include <signal.h>

#include <string>

#include "conformance/wire/describe.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

void AllBits(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  for (uint64_t id :
       {uint64_t{2}, uint64_t{1} << 32, uint64_t{1} << 63, ~uint64_t{0}}) {
    subject.Ping(id);
    subject.ExpectPong("DRV-BEAT-5", id);
  }
}

void IdZero(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  subject.SendWelcome();
  subject.Ping(0);
  subject.ExpectPong("DRV-BEAT-1", 0);
}

void InInitialized(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  subject.ExpectQuiet("DRV-BEAT-2");
}

void InStopped(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectQuiet("DRV-BEAT-2");
}

void OneToEach(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  for (int i = 0; i < 3; ++i) subject.ExpectQuiet("DRV-BEAT-1");
  subject.ExpectSilence("DRV-BEAT-4", 2000ms);
}

void StoppedAndContinued(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.Signal(SIGSTOP);
  uint64_t id = subject.Ping();
  subject.PumpFor(1000ms);
  subject.Signal(SIGCONT);
  subject.ExpectPong("DRV-BEAT-6", id);
  subject.ExpectQuiet("DRV-BEAT-1");
}

// The state that answers `op`, and the Pong, in either order.
void ExpectBoth(Subject& subject, int state, uint64_t op) {
  std::string expected = StateAnswer(state, op) + " and Pong";
  bool pong = false;
  bool reached = false;
  while (!pong || !reached) {
    ToSupervisor frame = subject.Next("DRV-BEAT-1", expected);
    if (frame.has_pong()) {
      pong = true;
    } else if (frame.has_state() && frame.state().state() == state &&
               frame.re() == op) {
      reached = true;
    } else {
      subject.Refuse("DRV-BEAT-3", expected, frame);
    }
  }
}

void OnTheWay(Trial& trial) {
  Subject subject(trial, {.testee = "slow-start:800,hold"});
  subject.Initialize();
  ToWorker start = subject.StartFrame();
  subject.SendTogether({start, subject.PingFrame()});
  ExpectBoth(subject, v1::STATE_STARTED, start.op());
  if (trial.plan().listeners.empty()) return;
  Client client(subject);
  client.ExpectHeld("DRV-CMD-41");
  uint64_t stop = subject.Stop();
  subject.Ping();
  client.Release();
  ExpectBoth(subject, v1::STATE_STOPPED, stop);
}

constexpr Case kCases[] = {
    {"W-HB-01", "all bits of the id", "DRV-BEAT-1 DRV-BEAT-5", kNothing,
     "Pings of ids up to 2^64 - 1: Pongs of the same ids.", AllBits},
    {"W-HB-07", "id 0", "DRV-BEAT-1", kNothing,
     "A Ping of id 0, right behind Welcome: Pong of id 0.", IdZero},
    {"W-HB-02", "Ping in INITIALIZED", "DRV-BEAT-2", kNothing,
     "Pings before the first Start: Pongs.", InInitialized},
    {"W-HB-03", "Ping on the way", "DRV-BEAT-1 DRV-BEAT-3", kTestee,
     "Pings during a slow start and during a drain: Pongs, at the latest right "
     "after them.",
     OnTheWay},
    {"W-HB-04", "Ping in STOPPED", "DRV-BEAT-2", kNothing,
     "A Ping after STOPPED: Pong.", InStopped},
    {"W-HB-05", "one Pong to each", "DRV-BEAT-1 DRV-BEAT-4", kNothing,
     "Three Pings, then two seconds of silence: three Pongs and no more.",
     OneToEach},
    {"W-HB-06", "stopped and continued", "DRV-BEAT-6", kNothing,
     "SIGSTOP, a Ping, a second later SIGCONT: Pong.", StoppedAndContinued},
};

}  // namespace

absl::Span<const Case> HeartbeatCases() { return kCases; }

}  // namespace drover::conformance
