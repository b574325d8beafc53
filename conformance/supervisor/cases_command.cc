// Start, Stop, Quit, their deadlines, and requests.
#include <signal.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/supervisor/cases.h"
#include "conformance/supervisor/pace.h"
#include "conformance/supervisor/stage.h"
#include "conformance/wire/describe.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

void NoHello(Trial& trial) {
  // A process is seen some time after its start, so this is when that was at
  // the earliest.
  Clock::time_point begin = Clock::now();
  constexpr Milliseconds kHello = 2000ms;
  Stage stage(trial,
              {.hello_ms = static_cast<int>(kHello.count()), .kill_ms = 300});
  Actor& actor = stage.NextActor();
  actor.ExpectDeath("DRV-SUP-2", kHello + 300ms);
  if (Clock::now() - begin < kHello) {
    trial.Miss("DRV-CMD-81", "the whole hello time", "ended earlier");
  }
}

void Extensions(Trial& trial) {
  Stage stage(trial, {.start_ms = 400, .kill_ms = 300, .extend_max_ms = 1500});
  Actor& actor = stage.NextActor();
  actor.Greet();
  Pace pace(actor);
  uint64_t op = actor.ExpectStart();
  pace.Mark();
  Clock::time_point begin = Clock::now();
  ToSupervisor progress;
  progress.set_re(op);
  progress.mutable_progress()->set_extend_ms(500);
  Clock::time_point deadline =
      begin + trial.plan().Granted(400ms + 1500ms + 200ms + 300ms);
  while (!actor.dead() && Clock::now() < deadline) {
    actor.Send(progress);
    stage.PumpFor(100ms);
  }
  if (!actor.dead()) {
    trial.Miss("DRV-CMD-82", "extensions that end at extend_max", "no end");
  }
  // 400 for the start, 1500 of extensions.
  pace.ExpectNotEarlier(trial, "DRV-CMD-82", 1900ms);
}

void TextAlone(Trial& trial) {
  Stage stage(trial, {.stop_ms = 500, .quit_ms = 300});
  Actor& actor = stage.StartedActor();
  ToSupervisor progress;
  progress.mutable_progress()->set_extend_ms(60000);
  actor.Send(progress);
  actor.ExpectGoodTerms("DRV-CMD-84");
  stage.Order("stop");
  actor.ExpectStop();
  actor.ExpectQuit("DRV-CMD-84", trial.plan().Granted(500ms + 200ms));
}

void ProgressOfAnother(Trial& trial) {
  Stage stage(trial, {.stop_ms = 500, .quit_ms = 300});
  Actor& actor = stage.NextActor();
  actor.Greet();
  uint64_t start = actor.ExpectStart();
  actor.State(v1::STATE_STARTED, start);
  stage.Order("stop");
  actor.ExpectStop();
  ToSupervisor progress;
  progress.set_re(start);
  progress.mutable_progress()->set_extend_ms(60000);
  actor.Send(progress);
  actor.ExpectQuit("DRV-CMD-85", trial.plan().Granted(500ms + 200ms));
}

void NoStartWhileStopping(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.StartedActor();
  stage.Order("stop");
  uint64_t stop = actor.ExpectStop();
  stage.Order("start");
  // The monitor judges a Start that comes too early.
  stage.PumpFor(trial.plan().Granted(500ms));
  actor.State(v1::STATE_STOPPED, stop);
  actor.ExpectGoodTermsAndObey("DRV-CMD-21");
}

void StaleAnswer(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  actor.Greet();
  uint64_t start = actor.ExpectStart();
  stage.ShutDown();
  ToWorker frame = actor.Next("DRV-SUP-1", "Stop or Quit");
  // As if it had crossed; a violation would be answered.
  actor.State(v1::STATE_STARTED, start);
  if (frame.has_stop()) {
    actor.State(v1::STATE_STOPPED, frame.op());
    actor.ExpectQuit("DRV-CMD-9");
  }
  actor.ExitWith(0);
  stage.ExpectEnd("DRV-CMD-9", 1000ms);
}

void Escalation(Trial& trial) {
  Stage stage(
      trial,
      {.stop_ms = 500, .quit_ms = 500, .kill_ms = 500, .answer_grace_ms = 200});
  Actor& actor = stage.StartedActor();
  actor.OrderAndWait(absl::StrCat("tell ", SIGTERM));
  stage.Order("stop");
  Pace pace(actor);
  actor.ExpectStop();
  pace.Mark();
  actor.ExpectQuit("DRV-SUP-2", trial.plan().Granted(500ms + 200ms));
  pace.ExpectNotEarlier(trial, "DRV-CMD-80", 700ms);
  pace.Mark();
  Clock::time_point deadline =
      Clock::now() + trial.plan().Granted(500ms + 200ms);
  while (!actor.Sees(absl::StrCat("signal ", SIGTERM)) &&
         stage.Pump(deadline)) {
  }
  if (!actor.Sees(absl::StrCat("signal ", SIGTERM))) {
    trial.Miss("DRV-SUP-2", "SIGTERM after the deadline of Quit", "none");
  }
  pace.ExpectNotEarlier(trial, "DRV-CMD-80", 700ms);
  pace.Mark();
  actor.ExpectDeath("DRV-SUP-2", 500ms);
  pace.ExpectNotEarlier(trial, "DRV-SUP-2", 500ms);
}

void OnlyPingAfterQuit(Trial& trial) {
  Stage stage(trial, {.ping_interval_ms = 100});
  Actor& actor = stage.StartedActor();
  // Once it is known to be: a worker that starts may be told to quit.
  actor.ExpectGoodTerms("DRV-SUP-1");
  stage.ShutDown();
  actor.State(v1::STATE_STOPPED, actor.ExpectStop());
  actor.ExpectQuit();
  // The monitor judges what comes.
  stage.PumpFor(500ms);
  if (actor.channel_ended()) {
    trial.Miss("DRV-FRAME-14", "a channel that is open both ways",
               "the end of the stream");
  }
  actor.ExitWith(0);
  stage.ExpectEnd("DRV-SUP-2", 1000ms);
}

void Recycles(Trial& trial) {
  Stage stage(trial, {.restart = true});
  Actor& old = stage.StartedActor();
  ToSupervisor request;
  request.set_op(1);
  request.mutable_request()->set_kind(v1::REQUEST_KIND_RECYCLE);
  old.Send(request);
  ToWorker answer = old.Next("DRV-REQ-2", "Result re 1");
  if (!answer.has_result() || answer.re() != 1) {
    trial.Miss("DRV-REQ-2", "Result re 1", Describe(answer));
  }
  if (answer.result().code() != v1::RESULT_CODE_OK) return;
  Actor& next = stage.NextActor("DRV-REQ-8");
  next.Greet();
  uint64_t start = next.ExpectStart();
  if (auto early = old.NextOfAny(500ms)) {
    trial.Miss("DRV-SUP-9", "no Stop before the next one is STARTED",
               Describe(*early));
  }
  next.State(v1::STATE_STARTED, start);
  old.State(v1::STATE_STOPPED, old.ExpectStop("DRV-REQ-8"));
  old.ExpectQuit();
  old.ExitWith(0);
  old.ExpectDeath("DRV-SUP-1", 1000ms);
  next.ExpectGoodTerms("DRV-SUP-17");
}

void AnyRequest(Trial& trial) {
  Stage stage(trial, {.count = 2});
  Actor& actor = stage.StartedActor();
  ToSupervisor request;
  request.set_op(1);
  request.mutable_request()->set_kind(static_cast<v1::RequestKind>(4000));
  actor.Send(request);
  ToWorker answer = actor.Next("DRV-REQ-2", "Result re 1");
  if (!answer.has_result() || answer.re() != 1) {
    trial.Miss("DRV-REQ-2", "Result re 1", Describe(answer));
  }
  // Without REQUEST it is a body that needs what was not agreed.
  Actor& plain = stage.NextActor();
  plain.Greet({});
  plain.State(v1::STATE_STARTED, plain.ExpectStart());
  request.mutable_request()->set_kind(v1::REQUEST_KIND_RECYCLE);
  plain.Send(request);
  answer = plain.Next("DRV-CMD-2", "Result{UNIMPLEMENTED} re 1");
  if (answer.result().code() != v1::RESULT_CODE_UNIMPLEMENTED) {
    trial.Miss("DRV-CMD-2", "Result{UNIMPLEMENTED} re 1", Describe(answer));
  }
}

void ResumesOrReplaces(Trial& trial) {
  {
    Stage stage(trial);
    Actor& actor = stage.StartedActor();
    stage.Order("stop");
    actor.State(v1::STATE_STOPPED, actor.ExpectStop());
    if (!stage.OrderDone()) trial.Broken("--control stop failed");
    stage.Order("start");
    actor.State(v1::STATE_STARTED, actor.ExpectStart("DRV-CMD-22"));
    actor.ExpectGoodTerms("DRV-CMD-22");
  }
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  actor.Greet({});
  actor.State(v1::STATE_STARTED, actor.ExpectStart());
  stage.Order("stop");
  actor.State(v1::STATE_STOPPED, actor.ExpectStop());
  if (!stage.OrderDone()) trial.Broken("--control stop failed");
  stage.Order("start");
  actor.ExpectQuit("DRV-CMD-22");
  actor.ExitWith(0);
  stage.StartedActor();
}

void FreshChannel(Trial& trial) {
  Stage stage(trial, {.restart = true});
  Actor& first = stage.StartedActor();
  std::string former = first.Channel();
  stage.Order("stop");
  first.ExpectStop();
  // What was written to the dead one must not reach the next.
  first.ExitWith(1);
  first.ExpectDeath("DRV-SUP-1", 1000ms);
  stage.OrderDone();
  stage.Order("start");
  Actor& next = stage.NextActor("DRV-SUP-17");
  if (next.Channel() == former) {
    trial.Miss("DRV-FD-14", "a new socket pair", "the former one");
  }
  if (auto frame = next.NextOfAny(300ms)) {
    trial.Miss("DRV-SUP-17", "no command that was for another one",
               Describe(*frame));
  }
  next.Start();
}

constexpr Case kCases[] = {
    {"S-02", "no Hello", "DRV-SUP-2 DRV-CMD-81", kNothing,
     "A worker says no Hello: it is ended after the hello time, and not "
     "before.",
     NoHello},
    {"S-11", "extensions", "DRV-CMD-82", kNothing,
     "A worker extends its start again and again: it is let, up to extend_max "
     "and no further.",
     Extensions},
    {"S-12", "no Start while STOPPING", "DRV-CMD-21 DRV-CMD-20", kControl,
     "The pool is ordered to start while its worker drains: no Start before "
     "STOPPED.",
     NoStartWhileStopping},
    {"S-13", "a stale answer", "DRV-CMD-9", kNothing,
     "The supervisor shuts down during a start, and STARTED comes after Stop "
     "or "
     "Quit was sent: ignored.",
     StaleAnswer},
    {"S-19", "the escalation", "DRV-SUP-2 DRV-CMD-80", kControl,
     "A worker ignores Stop: Quit, SIGTERM and SIGKILL come, each after its "
     "time and not before.",
     Escalation},
    {"S-24", "recycling", "DRV-REQ-2 DRV-REQ-8 DRV-SUP-9 DRV-SUP-17", kNothing,
     "A worker asks to be recycled: it is answered, and where that is granted, "
     "its replacement is STARTED before Stop comes.",
     Recycles},
    {"S-26", "resumes or replaces", "DRV-CMD-22", kControl,
     "A pool is stopped and started: with RESUME the same process is sent "
     "Start, without it a new one is started.",
     ResumesOrReplaces},
    {"S-28", "nothing but Ping after Quit",
     "DRV-CMD-23 DRV-CMD-1 DRV-CMD-6 DRV-FRAME-14", kNothing,
     "The supervisor shuts down, the worker takes its time after Quit: no "
     "command comes, and the channel stays open. Stop and Quit had ops that "
     "rise.",
     OnlyPingAfterQuit},
    {"S-44", "extensions in STARTED", "DRV-CMD-84", kControl,
     "Progress with extend_ms in STARTED: the deadline of a later Stop is not "
     "touched.",
     TextAlone},
    {"S-54", "Progress of another command", "DRV-CMD-85", kControl,
     "Progress for the Start that is over, with extend_ms, while Stop runs: "
     "its "
     "deadline is not touched.",
     ProgressOfAnother},
    {"S-45", "any Request", "DRV-REQ-2 DRV-CMD-2", kNothing,
     "A Request of a kind that nobody knows, and one without REQUEST: each is "
     "answered.",
     AnyRequest},
    {"S-46", "a channel for each", "DRV-FD-14 DRV-SUP-17", kControl,
     "A worker dies with a command unread: the next one has a channel of its "
     "own, and does not see it.",
     FreshChannel},
};

}  // namespace

absl::Span<const Case> CommandCases() { return kCases; }

}  // namespace drover::conformance
