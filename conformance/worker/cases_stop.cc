// Stop, drain, and starting again.
#include <unistd.h>

#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/trial/descendants.h"
#include "conformance/wire/describe.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

// A worker that holds requests, with one in flight.
struct Busy {
  explicit Busy(Trial& trial, const std::string& words = "hold")
      : subject(trial, {.testee = words}),
        ready((subject.InitializeAndStart({v1::CAPABILITY_PROGRESS}), true)),
        client(subject) {
    client.ExpectTaken("DRV-FD-4");
    client.ExpectHeld("DRV-CMD-41");
  }

  Subject subject;
  bool ready;
  Client client;
};

void Stops(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectAlive("DRV-CMD-45");
}

void FinishesWhatIsInFlight(Trial& trial) {
  Busy busy(trial);
  uint64_t stop = busy.subject.Stop();
  busy.subject.ExpectQuiet("DRV-CMD-42");
  Client late(busy.subject);
  late.ExpectNotTaken("DRV-CMD-40");
  busy.client.Release();
  busy.client.ExpectServed("DRV-CMD-41");
  busy.subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, stop);
}

void GivesUpAtTheDeadline(Trial& trial) {
  constexpr Milliseconds kDeadline = 500ms;
  Busy busy(trial);
  Clock::time_point begin = Clock::now();
  uint64_t stop = busy.subject.Stop(500);
  ToSupervisor frame = busy.subject.ExpectState(
      "DRV-CMD-43", v1::STATE_STOPPED, stop, trial.plan().Granted(kDeadline));
  if (!frame.state().forced()) {
    busy.subject.Refuse("DRV-CMD-43", "STOPPED with forced", frame);
  }
  if (frame.state().abandoned() != 1) {
    busy.subject.Refuse("DRV-CMD-44", "STOPPED with abandoned 1", frame);
  }
  if (Clock::now() - begin < kDeadline * 9 / 10) {
    trial.Miss("DRV-CMD-41",
               "the time until the deadline for what is in flight",
               "given up earlier");
  }
}

void NoTimeAtAll(Trial& trial) {
  Busy busy(trial);
  ToSupervisor frame =
      busy.subject.ExpectState("DRV-CMD-24", v1::STATE_STOPPED,
                               busy.subject.Stop(0), trial.plan().Granted(0ms));
  if (!frame.state().forced()) {
    busy.subject.Refuse("DRV-CMD-43", "STOPPED with forced", frame);
  }
}

void TheEarlierDeadline(Trial& trial) {
  Busy busy(trial);
  busy.subject.Stop(10000);
  uint64_t second = busy.subject.Stop(300);
  ToSupervisor frame =
      busy.subject.Next("DRV-CMD-48", StateAnswer(v1::STATE_STOPPED, second),
                        trial.plan().Granted(300ms));
  if (!frame.has_state() || frame.re() != second ||
      frame.state().state() != v1::STATE_STOPPED) {
    busy.subject.Refuse("DRV-CMD-48", StateAnswer(v1::STATE_STOPPED, second),
                        frame);
  }
}

void TheLaterDeadline(Trial& trial) {
  Busy busy(trial);
  busy.subject.Stop(300);
  uint64_t second = busy.subject.Stop(10000);
  busy.subject.ExpectState("DRV-CMD-48", v1::STATE_STOPPED, second,
                           trial.plan().Granted(300ms));
}

void NothingWhileStopped(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  Client client(subject);
  client.ExpectNotTaken("DRV-STATE-2");
}

void Resumes(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_RESUME);
  subject.SendWelcome();
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectState("DRV-CMD-31", v1::STATE_STARTED, subject.Start());
  subject.ExpectAlive("DRV-CMD-31");
  if (trial.plan().listeners.empty()) return;
  Client client(subject);
  client.ExpectTaken("DRV-CMD-31");
}

int OpenDescriptors(pid_t pid) {
  int count = 0;
  for (int number = 0; number < 1024; ++number) {
    char target[8];
    count += ::readlink(absl::StrCat("/proc/", pid, "/fd/", number).c_str(),
                        target, sizeof(target)) >= 0;
  }
  return count;
}

// Resident pages.
int64_t Memory(pid_t pid) {
  int64_t total = 0;
  int64_t resident = 0;
  std::istringstream(ReadProc(pid, "statm")) >> total >> resident;
  return resident;
}

void ManyCycles(Trial& trial) {
  constexpr int kWarmUp = 5;
  constexpr int kCycles = 25;
  // What runtimes collect late, in pages: 8 MB.
  constexpr int64_t kPagesTolerated = 2048;
  Subject subject(trial);
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_RESUME);
  subject.SendWelcome();
  int descriptors = 0;
  int64_t memory = 0;
  for (int i = 0; i < kCycles; ++i) {
    subject.ExpectState("DRV-CMD-31", v1::STATE_STARTED, subject.Start());
    subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
    if (i != kWarmUp) continue;
    descriptors = OpenDescriptors(subject.speaker());
    memory = Memory(subject.speaker());
  }
  int now = OpenDescriptors(subject.speaker());
  // One that is open while a report is written is no leak.
  Clock::time_point settled = Clock::now() + 1000ms;
  while (now > descriptors && Clock::now() < settled) {
    subject.PumpFor(10ms);
    now = OpenDescriptors(subject.speaker());
  }
  if (now > descriptors) {
    trial.Miss("DRV-CMD-32", absl::StrCat(descriptors, " descriptors"),
               absl::StrCat(now, " after ", kCycles - kWarmUp, " cycles"));
  }
  int64_t grown = Memory(subject.speaker()) - memory;
  if (grown > kPagesTolerated) {
    trial.Miss("DRV-CMD-32", "memory that does not grow from cycle to cycle",
               absl::StrCat(grown, " pages more"));
  }
}

void CancelsAStart(Trial& trial) {
  Subject subject(trial, {.testee = "slow-start:600"});
  subject.Initialize();
  uint64_t start = subject.Start();
  uint64_t stop = subject.Stop();
  // A worker that blocks in its start may report STARTED and then STOPPED.
  ToSupervisor frame = subject.Next("DRV-CMD-47", "STOPPED");
  if (frame.has_state() && frame.state().state() == v1::STATE_STARTED &&
      frame.re() == start) {
    frame = subject.Next("DRV-CMD-47", "STOPPED");
  }
  if (!frame.has_state() || frame.re() != stop ||
      frame.state().state() != v1::STATE_STOPPED) {
    subject.Refuse("DRV-CMD-47", StateAnswer(v1::STATE_STOPPED, stop), frame);
  }
  // By now the start would have been done.
  subject.PumpFor(800ms);
  subject.ExpectQuiet("DRV-CMD-47");
}

void StopsBeforeStart(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  subject.ExpectState("DRV-CMD-46", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectAlive("DRV-CMD-45");
}

void StopsTwice(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectState("DRV-CMD-46", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectAlive("DRV-CMD-45");
}

void SlowDrain(Trial& trial) {
  Busy busy(trial);
  uint64_t stop = busy.subject.Stop();
  bool progress = false;
  Clock::time_point deadline = Clock::now() + 1000ms;
  while (auto frame =
             busy.subject.NextOfAny(std::chrono::duration_cast<Milliseconds>(
                 std::max<Clock::duration>(deadline - Clock::now(), 0ms)))) {
    if (frame->has_progress() && frame->re() != stop) {
      busy.subject.Refuse("DRV-CMD-86", absl::StrCat("Progress re ", stop),
                          *frame);
    }
    progress |= frame->has_progress() && frame->progress().in_flight() == 1;
  }
  if (!busy.subject.monitor().WasReported(v1::STATE_STOPPING, stop)) {
    trial.Miss("DRV-STATE-7", StateAnswer(v1::STATE_STOPPING, stop),
               "a second of drain without it");
  }
  if (busy.subject.Offers(v1::CAPABILITY_PROGRESS) && !progress) {
    trial.Miss("DRV-REPORT-4", "Progress{in_flight: 1}",
               "a second of drain without it");
  }
  busy.client.Release();
  busy.subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, stop);
}

void StartAndStopTogether(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  ToWorker start = subject.StartFrame();
  ToWorker stop = subject.StopFrame();
  subject.SendTogether({start, stop});
  ToSupervisor frame = subject.Next("DRV-CMD-25", "STOPPED");
  // The start may have been done before the Stop was read.
  if (frame.has_state() && frame.state().state() == v1::STATE_STARTED) {
    frame = subject.Next("DRV-CMD-25", "STOPPED");
  }
  if (!frame.has_state() || frame.re() != stop.op() ||
      frame.state().state() != v1::STATE_STOPPED) {
    subject.Refuse("DRV-CMD-25", StateAnswer(v1::STATE_STOPPED, stop.op()),
                   frame);
  }
  subject.ExpectQuiet("DRV-CMD-47");
}

constexpr Case kCases[] = {
    {"W-LC-03", "Stop", "DRV-CMD-42 DRV-CMD-45", kNothing,
     "Stop in STARTED: STOPPED(op), and the process lives.", Stops},
    {"W-LC-04", "finishes what is in flight",
     "DRV-CMD-40 DRV-CMD-41 DRV-CMD-42", kListener | kTestee,
     "Stop with a request in flight: no STOPPED, no new connection; the "
     "request is finished, then STOPPED.",
     FinishesWhatIsInFlight},
    {"W-LC-05", "gives up at the deadline", "DRV-CMD-43 DRV-CMD-44 DRV-CMD-41",
     kListener | kTestee,
     "A request that never ends, Stop with 500 ms: STOPPED with forced and "
     "abandoned 1, not much earlier or later.",
     GivesUpAtTheDeadline},
    {"W-LC-06", "no work in STOPPED", "DRV-STATE-2", kListener,
     "A client connects after STOPPED: it is not accepted.",
     NothingWhileStopped},
    {"W-LC-07", "starts again", "DRV-CMD-31", kNothing,
     "Start in STOPPED: STARTED(op) in the same process, and it serves.",
     Resumes},
    {"W-LC-08", "cycles", "DRV-CMD-32", kNothing,
     "25 Starts and Stops: no more descriptors, no more than 8 MB of memory "
     "since the sixth.",
     ManyCycles},
    {"W-LC-09", "cancels a start", "DRV-CMD-47", kTestee,
     "Stop during a slow start: STOPPED, and no STARTED after it.",
     CancelsAStart},
    {"W-LC-10", "Stop in INITIALIZED", "DRV-CMD-46", kNothing,
     "Stop before the first Start: STOPPED(op), and the process lives.",
     StopsBeforeStart},
    {"W-LC-11", "Stop in STOPPED", "DRV-CMD-46 DRV-CMD-45", kNothing,
     "Stop comes again: STOPPED with the second op, and the process lives.",
     StopsTwice},
    {"W-LC-18", "a slow drain", "DRV-STATE-7 DRV-REPORT-4 DRV-CMD-86",
     kListener | kTestee,
     "A drain takes a second: STOPPING(op), and Progress with in_flight where "
     "it is agreed.",
     SlowDrain},
    {"W-LC-21", "Start and Stop in one write", "DRV-CMD-25 DRV-CMD-47",
     kNothing, "Both come at once: STOPPED is the last state.",
     StartAndStopTogether},
    {"W-LC-28", "a deadline of 0", "DRV-CMD-24 DRV-CMD-43", kListener | kTestee,
     "Stop with a deadline of 0 and a request in flight: STOPPED with forced "
     "at once.",
     NoTimeAtAll},
    {"W-LC-29", "a second Stop, earlier", "DRV-CMD-48", kListener | kTestee,
     "Stop with 10 s, then Stop with 300 ms, a request in flight: STOPPED with "
     "the second op by the earlier deadline.",
     TheEarlierDeadline},
    {"W-LC-30", "a second Stop, later", "DRV-CMD-48", kListener | kTestee,
     "Stop with 300 ms, then Stop with 10 s, a request in flight: STOPPED with "
     "the second op by the earlier deadline.",
     TheLaterDeadline},
};

}  // namespace

absl::Span<const Case> StopCases() { return kCases; }

}  // namespace drover::conformance
