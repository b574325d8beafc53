// Start, Reload, and what a worker does between its states.
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "conformance/wire/describe.h"
#include "conformance/worker/cases.h"
#include "conformance/worker/client.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr Milliseconds kFailExit = 5000ms;
constexpr Milliseconds kIdle = 1000ms;

void Starts(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  // Not 1, so that an op that is made up is seen.
  for (int i = 0; i < 6; ++i) subject.NextOp();
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  subject.ExpectQuiet("DRV-STATE-4");
}

void NothingBeforeStart(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  Client client(subject);
  client.ExpectNotTaken("DRV-STATE-2");
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  client.ExpectTaken("DRV-FD-4");
}

void StartAgain(Trial& trial) {
  Subject subject(trial);
  subject.InitializeAndStart();
  subject.ExpectResult("DRV-CMD-33", v1::RESULT_CODE_INVALID_STATE,
                       subject.Start());
  subject.ExpectQuiet("DRV-CMD-33");
  if (!trial.plan().listeners.empty()) {
    Client client(subject);
    client.ExpectTaken("DRV-CMD-33");
  }
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
}

void StartOnTheWay(Trial& trial) {
  Subject subject(trial, {.testee = "slow-start:500,hold"});
  subject.Initialize();
  uint64_t first = subject.Start();
  uint64_t second = subject.Start();
  // A worker that blocks in its start reads the second one in STARTED.
  bool refused = false;
  for (bool started = false; !started || !refused;) {
    ToSupervisor frame =
        subject.Next("DRV-CMD-33", "STARTED(first), INVALID_STATE(second)");
    if (frame.has_result() && frame.re() == second &&
        frame.result().code() == v1::RESULT_CODE_INVALID_STATE) {
      refused = true;
    } else if (frame.has_state() && frame.re() == first &&
               frame.state().state() == v1::STATE_STARTED) {
      started = true;
    } else {
      subject.Refuse("DRV-CMD-33", "STARTED(first), INVALID_STATE(second)",
                     frame);
    }
  }
  if (trial.plan().listeners.empty()) return;
  Client client(subject);
  client.ExpectHeld("DRV-CMD-41");
  uint64_t stop = subject.Stop();
  subject.ExpectResult("DRV-CMD-33", v1::RESULT_CODE_INVALID_STATE,
                       subject.Start());
  client.Release();
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, stop);
}

bool SaysWhy(const ToSupervisor& frame, uint64_t op) {
  if (frame.has_fatal()) return !frame.fatal().text().empty();
  return frame.has_state() && frame.state().state() == v1::STATE_FAILED &&
         frame.re() == op && !frame.state().text().empty();
}

void StartFails(Trial& trial) {
  Subject subject(trial, {.testee = "fail-start"});
  subject.Initialize();
  uint64_t op = subject.Start();
  std::string expected =
      absl::StrCat(StateAnswer(v1::STATE_FAILED, op), " or Fatal, with a text");
  ToSupervisor frame = subject.Next("DRV-STATE-9", expected);
  if (!SaysWhy(frame, op)) subject.Refuse("DRV-STATE-9", expected, frame);
  subject.ExpectFailure("DRV-STATE-9", kFailExit);
}

void SlowStart(Trial& trial) {
  Subject subject(trial, {.testee = "slow-start:800"});
  subject.Initialize();
  uint64_t op = subject.Start();
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, op);
  if (!subject.monitor().WasReported(v1::STATE_STARTING, op)) {
    trial.Miss("DRV-STATE-6", StateAnswer(v1::STATE_STARTING, op),
               "STARTED without it");
  }
}

void Extends(Trial& trial) {
  Subject subject(trial, {.testee = "slow-start:600,extend:2000"});
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_PROGRESS);
  subject.SendWelcome({v1::CAPABILITY_PROGRESS});
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start(500));
  // The testee tries once more in STARTED; the monitor judges that.
  subject.PumpFor(100ms);
  subject.ExpectQuiet("DRV-CMD-83");
}

void IdleInEachState(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  subject.ExpectSilence("DRV-STATE-3", kIdle);
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  subject.ExpectSilence("DRV-STATE-3", kIdle);
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectSilence("DRV-CMD-45", kIdle);
}

void ServesAfterStarted(Trial& trial) {
  Subject subject(trial);
  subject.Initialize();
  Client client(subject);
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  client.ExpectTaken("DRV-CMD-34");
}

// ---- Reload

void ReloadWorks(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_RELOAD);
  subject.SendWelcome();
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  subject.ExpectResult("DRV-CMD-60", v1::RESULT_CODE_OK, subject.Reload());
  subject.ExpectQuiet("DRV-CMD-61");
  if (!trial.plan().listeners.empty()) {
    Client client(subject);
    client.ExpectTaken("DRV-CMD-61");
  }
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
}

void ReloadFails(Trial& trial) {
  Subject subject(trial, {.testee = "reload-fails"});
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_RELOAD);
  subject.SendWelcome();
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  subject.ExpectResult("DRV-CMD-60", v1::RESULT_CODE_FAILED, subject.Reload());
  subject.ExpectQuiet("DRV-CMD-61");
  if (trial.plan().listeners.empty()) return;
  Client client(subject);
  client.ExpectTaken("DRV-CMD-61");
}

void ReloadElsewhere(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_RELOAD);
  subject.SendWelcome();
  subject.ExpectResult("DRV-CMD-63", v1::RESULT_CODE_INVALID_STATE,
                       subject.Reload());
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  subject.ExpectState("DRV-CMD-42", v1::STATE_STOPPED, subject.Stop());
  subject.ExpectResult("DRV-CMD-63", v1::RESULT_CODE_INVALID_STATE,
                       subject.Reload());
}

void LameDuck(Trial& trial) {
  Subject subject(trial);
  subject.ReadHello();
  subject.Require(v1::CAPABILITY_LAME_DUCK);
  subject.SendWelcome();
  subject.ExpectState("DRV-CMD-30", v1::STATE_STARTED, subject.Start());
  ToWorker frame;
  frame.mutable_lame_duck()->set_stop_in_ms(10000);
  subject.Send(frame);
  subject.ExpectQuiet("DRV-STATE-1");
  Client client(subject);
  client.ExpectTaken("DRV-CMD-71");
}

constexpr Case kCases[] = {
    {"W-LC-01", "Start", "DRV-CMD-30 DRV-STATE-4", kNothing,
     "Start with op 7: STARTED(7).", Starts},
    {"W-LC-02", "no work before Start", "DRV-STATE-2", kListener,
     "A client connects before the first Start: it is not accepted until "
     "STARTED.",
     NothingBeforeStart},
    {"W-LC-14", "Start in STARTED", "DRV-CMD-33", kNothing,
     "Start comes again: Result{INVALID_STATE}, and the worker goes on.",
     StartAgain},
    {"W-LC-15", "a start that fails", "DRV-STATE-9 DRV-EXIT-4", kTestee,
     "The testee's start fails: FAILED(op) or Fatal with a text, then another "
     "exit code than 0.",
     StartFails},
    {"W-LC-16", "idle", "DRV-STATE-3 DRV-CMD-45", kNothing,
     "A second of nothing in each stable state: no report, no exit.",
     IdleInEachState},
    {"W-LC-17", "a slow start", "DRV-STATE-6", kTestee,
     "The testee's start takes 800 ms: STARTING(op) comes first.", SlowStart},
    {"W-LC-19", "extends its deadline", "DRV-CMD-83", kTestee,
     "The testee asks for more time in its start and again in STARTED: "
     "extend_ms is sent in STARTING alone.",
     Extends},
    {"W-LC-20", "a Reload that fails", "DRV-CMD-60 DRV-CMD-61", kTestee,
     "The testee's Reload fails: Result{FAILED}, still STARTED, still serving.",
     ReloadFails},
    {"W-LC-23", "Start on the way", "DRV-CMD-33", kTestee,
     "Start comes during a slow start and during a drain: "
     "Result{INVALID_STATE}, and what is under way goes on.",
     StartOnTheWay},
    {"W-LC-24", "Reload", "DRV-CMD-60 DRV-CMD-61", kNothing,
     "Reload in STARTED: Result{OK}, still STARTED, still serving.",
     ReloadWorks},
    {"W-LC-25", "Reload elsewhere", "DRV-CMD-63", kNothing,
     "Reload in INITIALIZED and in STOPPED: Result{INVALID_STATE}.",
     ReloadElsewhere},
    {"W-LC-26", "LameDuck", "DRV-CMD-71 DRV-STATE-1", kListener,
     "LameDuck in STARTED: clients are still accepted.", LameDuck},
    {"W-LC-27", "serves once STARTED", "DRV-CMD-34", kListener,
     "A client that waited is accepted after STARTED.", ServesAfterStarted},
};

}  // namespace

absl::Span<const Case> StartCases() { return kCases; }

}  // namespace drover::conformance
