// Quit.
#include <vector>

#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr int kSmallBuffer = 4096;
constexpr int kManyPings = 300;

void InEachState(Trial& trial) {
  {
    Subject initialized(trial);
    initialized.Initialize();
    initialized.Quit();
    initialized.ExpectExit("DRV-CMD-50", 5s);
  }
  {
    Subject started(trial);
    started.InitializeAndStart();
    started.Quit();
    started.ExpectExit("DRV-CMD-50", 5s);
  }
  Subject stopped(trial);
  stopped.InitializeAndStart();
  stopped.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, stopped.Stop());
  stopped.Quit();
  stopped.ExpectExit("DRV-CMD-50", 5s);
}

void SaysSo(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  uint64_t op = subject.Quit();
  subject.ExpectExit("DRV-EXIT-4", 5s);
  if (!subject.monitor().WasReported(v1::STATE_SHUTTING_DOWN, op)) {
    trial.Miss("DRV-STATE-8", "SHUTTING_DOWN with the op of Quit",
               "no such report");
  }
}

void WhileBusy(Trial& trial) {
  {
    Subject starting(trial, {.testee = "slow-start:20000"});
    starting.Initialize();
    starting.Start(60000);
    starting.PumpFor(100ms);
    starting.Quit(500);
    starting.ExpectExit("DRV-CMD-51", 500ms);
  }
  if (trial.plan().listeners.empty()) return;
  Subject draining(trial, {.testee = "hold"});
  draining.InitializeAndStart();
  Client client(draining);
  client.ExpectHeld("DRV-CMD-41");
  draining.Stop(60000);
  draining.PumpFor(100ms);
  draining.Quit(500);
  draining.ExpectExit("DRV-CMD-51", 500ms);
}

void StopAndQuitTogether(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.SendTogether({subject.StopFrame(), subject.QuitFrame()});
  subject.ExpectExit("DRV-CMD-53", 5s);
}

void NobodyReads(Trial& trial) {
  Subject subject(trial, {.receive_buffer = kSmallBuffer});
  subject.Initialize();
  subject.monitor().IgnoreRate();
  subject.HoldReading(true);
  std::vector<ToWorker> frames;
  for (int i = 0; i < kManyPings; ++i) frames.push_back(subject.PingFrame());
  subject.SendTogether(frames);
  subject.Quit(1000);
  subject.ExpectExit("DRV-CMD-53", 1000ms);
}

void AtOnce(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.Quit(0);
  subject.ExpectExit("DRV-CMD-24", 0ms);
}

void NothingAfterQuit(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  ToWorker quit = subject.QuitFrame();
  ToWorker start = subject.StartFrame();
  subject.SendTogether({quit, start});
  while (auto frame = subject.NextOfAny(trial.plan().Granted(5s))) {
    if (frame->re() == start.op()) {
      subject.Refuse("DRV-STATE-1", "no answer to what comes after Quit",
                     *frame);
    }
  }
  subject.ExpectExit("DRV-CMD-50", 5s);
}

void AnEarlierQuit(Trial& trial) {
  Subject subject(trial, {.testee = "hold"});
  subject.InitializeAndStart();
  Client client(subject);
  client.ExpectHeld("DRV-CMD-41");
  subject.Quit(30000);
  subject.Quit(300);
  subject.ExpectExit("DRV-STATE-1", 300ms);
}

constexpr Case kCases[] = {
    {"W-LC-12", "Quit", "DRV-CMD-50 DRV-EXIT-4", kNothing,
     "Quit in INITIALIZED, STARTED and STOPPED: exit code 0 by the deadline.",
     InEachState},
    {"W-LC-13", "Quit while busy", "DRV-CMD-51", kTestee,
     "Quit during a long start and during a long drain: exit code 0 by its "
     "deadline.",
     WhileBusy},
    {"W-LC-22", "Stop and Quit in one write", "DRV-CMD-53 DRV-CMD-50", kNothing,
     "Both come at once: exit code 0.", StopAndQuitTogether},
    {"W-LC-31", "nothing after Quit", "DRV-STATE-1 DRV-CMD-50", kNothing,
     "Quit and Start in one write: Start is not answered, exit code 0.",
     NothingAfterQuit},
    {"W-LC-32", "nobody reads", "DRV-CMD-53", kNothing,
     "300 Pings that nobody reads the answers of, then Quit with 1 s: exit "
     "code 0 by then.",
     NobodyReads},
    {"W-LC-33", "Quit at once", "DRV-CMD-24", kNothing,
     "Quit with a deadline of 0: exit code 0 at once.", AtOnce},
    {"W-LC-34", "an earlier Quit", "DRV-STATE-1", kListener | kTestee,
     "Quit with 30 s and then with 300 ms, a request in flight: exit code 0 by "
     "the earlier deadline.",
     AnEarlierQuit},
    {"W-LC-35", "SHUTTING_DOWN", "DRV-STATE-8 DRV-EXIT-4", kNothing,
     "Quit: SHUTTING_DOWN(op), then exit code 0.", SaysSo},
};

}  // namespace

absl::Span<const Case> QuitCases() { return kCases; }

}  // namespace drover::conformance
