// Ping, and workers that do not answer.
#include <signal.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/supervisor/cases.h"
#include "conformance/supervisor/pace.h"
#include "conformance/supervisor/stage.h"
#include "conformance/trial/descendants.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/frame.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

constexpr Milliseconds kTimeout = 500ms;
constexpr Milliseconds kKill = 300ms;
constexpr Scene kBeating = {
    .kill_ms = 300, .ping_interval_ms = 100, .ping_timeout_ms = 500};

// The id of the next Ping, which is not answered.
uint64_t AwaitPing(Actor& actor) {
  actor.AnswerPings(false);
  while (true) {
    auto frame = actor.NextOfAny(actor.Patience());
    if (!frame) break;
    if (frame->has_ping()) return frame->ping().id();
  }
  actor.Miss("DRV-BEAT-11", "Ping", "none");
  return 0;
}

void OneAtATime(Trial& trial) {
  Scene scene = kBeating;
  scene.ping_timeout_ms = 20000;
  Stage stage(trial, scene);
  Actor& actor = stage.StartedActor();
  // Ids and overlap are the monitor's.
  for (int i = 0; i < 5; ++i) {
    uint64_t id = AwaitPing(actor);
    actor.Pong(id);
  }
  AwaitPing(actor);
  stage.PumpFor(500ms);
}

void NoPong(Trial& trial) {
  Stage stage(trial, kBeating);
  Actor& actor = stage.StartedActor();
  Pace pace(actor);
  AwaitPing(actor);
  pace.Mark();
  Clock::time_point begin = Clock::now();
  ToSupervisor chatter;
  chatter.mutable_progress()->set_text("busy");
  Clock::time_point deadline = begin + trial.plan().Granted(kTimeout + kKill);
  while (!actor.dead() && Clock::now() < deadline) {
    actor.Send(chatter);
    stage.PumpFor(50ms);
  }
  if (!actor.dead()) {
    trial.Miss("DRV-BEAT-10", "the end of a worker that sends no Pong",
               "it lives, for it chatters");
  }
  pace.ExpectNotEarlier(trial, "DRV-BEAT-11", kTimeout);
}

void HalfAFrame(Trial& trial) {
  Stage stage(trial, kBeating);
  Actor& actor = stage.StartedActor();
  AwaitPing(actor);
  actor.SendBytes(Header(60000));
  Clock::time_point deadline =
      Clock::now() + trial.plan().Granted(kTimeout + kKill);
  while (!actor.dead() && Clock::now() < deadline) {
    actor.SendPart("x");
    stage.PumpFor(20ms);
  }
  if (!actor.dead()) {
    trial.Miss("DRV-FRAME-13", "the end of a worker that sends no Pong",
               "it lives, for bytes of a frame come in");
  }
}

// A supervisor may let deadlines wait while a process is stopped (DRV-SUP-24),
// but not once the worker is wanted to stop.
void Stopped(Trial& trial) {
  Scene scene = kBeating;
  scene.stop_ms = scene.quit_ms = 300;
  // SIGKILL comes too late: SIGCONT has to let it act on SIGTERM.
  scene.kill_ms = 20000;
  Stage stage(trial, scene);
  Actor& actor = stage.StartedActor();
  AwaitPing(actor);
  ::kill(actor.pid(), SIGSTOP);
  trial.LogEvent("SIGSTOP to the worker");
  Clock::time_point deadline = Clock::now() + trial.plan().Granted(kTimeout);
  while (!actor.dead() && stage.Pump(deadline)) {
  }
  if (actor.dead()) return;
  stage.ShutDown();
  actor.ExpectDeath("DRV-SUP-12", 300ms + 300ms + 400ms);
}

void Suspended(Trial& trial) {
  constexpr Milliseconds kLonger = 3000ms;
  Scene scene = kBeating;
  scene.ping_timeout_ms = static_cast<int>(kLonger.count());
  Stage stage(trial, scene);
  Actor& actor = stage.StartedActor();
  uint64_t id = AwaitPing(actor);
  stage.Order("stop");
  std::optional<ToWorker> frame;
  Clock::time_point deadline = Clock::now() + actor.Patience();
  while (!frame && Clock::now() < deadline) {
    frame = actor.NextOfAny(1000ms);
    if (frame) continue;
    // The order is on its way; the next Ping waits for it.
    actor.Pong(id);
    id = AwaitPing(actor);
  }
  if (!frame || !frame->has_stop()) trial.Broken("--control stop: no Stop");
  uint64_t stop = frame->op();
  // Longer than any Ping may wait.
  stage.PumpFor(kLonger + kKill + 200ms);
  if (actor.dead()) {
    trial.Miss("DRV-BEAT-12", "no ping timeout while Stop is outstanding",
               "the worker was ended");
  }
  actor.State(v1::STATE_STOPPED, stop);
  actor.Pong(id);
  actor.AnswerPings(true);
  actor.ExpectGoodTerms("DRV-BEAT-12");
}

void OddPongs(Trial& trial) {
  Scene scene = kBeating;
  scene.count = 2;
  scene.ping_timeout_ms = 20000;
  Stage stage(trial, scene);
  Actor& again = stage.StartedActor();
  uint64_t id = AwaitPing(again);
  again.Pong(id);
  again.Pong(id);
  again.AnswerPings(true);
  again.ExpectGoodTerms("DRV-BEAT-13");
  Actor& made_up = stage.StartedActor();
  made_up.MayBeRefused();
  made_up.Pong(1000000);
  made_up.ExpectError("DRV-BEAT-13", v1::PROTOCOL_ERROR_CODE_SEQUENCE);
}

void NoInterval(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  // Those that are answered do not come to the case.
  actor.AnswerPings(false);
  actor.Start();
  while (auto frame = actor.NextOfAny(1000ms)) {
    if (frame->has_ping()) {
      trial.Miss("DRV-BEAT-14", "no Ping", Describe(*frame));
    }
  }
  actor.ExpectGoodTerms("DRV-BEAT-14");
}

void Delayed(Trial& trial) {
  Stage stage(trial, kBeating);
  Actor& actor = stage.StartedActor();
  uint64_t id = AwaitPing(actor);
  // Done with what it was doing.
  Clock::time_point deadline = Clock::now() + trial.plan().Granted(0ms);
  while (!IsAsleep(stage.pid()) && Clock::now() < deadline) stage.PumpFor(1ms);
  ::kill(stage.pid(), SIGSTOP);
  trial.LogEvent("SIGSTOP to the supervisor");
  actor.Pong(id);
  stage.PumpFor(2 * kTimeout);
  ::kill(stage.pid(), SIGCONT);
  actor.AnswerPings(true);
  stage.PumpFor(kTimeout);
  if (actor.dead()) {
    trial.Miss("DRV-SUP-14", "what was written counts before the deadline",
               "the worker was ended");
  }
  actor.ExpectGoodTerms("DRV-SUP-14");
}

constexpr Case kCases[] = {
    {"S-07", "one Ping at a time", "DRV-BEAT-8 DRV-BEAT-9", kNothing,
     "Pings are answered, and the last one is not: ids rise, and there is "
     "never a second one outstanding.",
     OneAtATime},
    {"S-08", "no Pong", "DRV-BEAT-10 DRV-BEAT-11", kNothing,
     "A worker chatters and answers no Ping: it is ended after the ping "
     "timeout, and not before.",
     NoPong},
    {"S-09", "a stopped worker", "DRV-SUP-13 DRV-SUP-12", kNothing,
     "SIGSTOP to a worker: it is ended like any other that answers no Ping, at "
     "the latest when the supervisor shuts down.",
     Stopped},
    {"S-39", "half a frame is no sign of life", "DRV-FRAME-13", kNothing,
     "A worker answers no Ping, but sends a frame byte by byte: it is ended.",
     HalfAFrame},
    {"S-40", "no ping timeout on the way", "DRV-BEAT-12", kControl,
     "A Ping waits while the worker stops, longer than the ping timeout: it is "
     "not ended for it.",
     Suspended},
    {"S-41", "odd Pongs", "DRV-BEAT-13", kNothing,
     "A Pong that comes again is ignored, one that was never asked for is a "
     "violation.",
     OddPongs},
    {"S-42", "no interval, no Ping", "DRV-BEAT-14", kNothing,
     "With a ping interval of 0 no Ping comes.", NoInterval},
    {"S-43", "a delayed supervisor", "DRV-SUP-14", kNothing,
     "The supervisor is stopped for longer than the ping timeout, with a Pong "
     "waiting for it: the worker is not ended.",
     Delayed},
};

}  // namespace

absl::Span<const Case> HeartbeatSupervisorCases() { return kCases; }

}  // namespace drover::conformance
