// Reload and user messages, which come at an order's or a program's wish.
#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/supervisor/cases.h"
#include "conformance/supervisor/stage.h"
#include "conformance/wire/frame.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

// QUEUE_FRAMES of SPEC.md.
constexpr int kQueueFrames = 64;
// More than a socket and a queue hold.
constexpr int kManyMessages = 3000;

// For so long, or until the order has ended.
void Await(Stage& stage, Milliseconds time) {
  Clock::time_point deadline = Clock::now() + time;
  while (!stage.OrderEnded() && stage.Pump(deadline)) {
  }
}

// The Reload that was ordered.
ToWorker AwaitReload(Stage& stage, Actor& actor) {
  Clock::time_point deadline = Clock::now() + actor.Patience();
  while (Clock::now() < deadline && !stage.OrderEnded()) {
    auto frame = actor.NextOfAny(20ms);
    if (frame && frame->has_reload()) return *frame;
  }
  stage.trial().Broken("--control reload: no Reload");
}

// Does what the worker is told until the order has ended.
void ObeyMeanwhile(Stage& stage, Actor& actor) {
  Clock::time_point deadline = Clock::now() + actor.Patience();
  while (!stage.OrderEnded()) {
    auto frame = actor.NextOfAny(20ms);
    if (frame) actor.Obey(*frame);
    if (Clock::now() >= deadline) stage.trial().Broken("--control: no end");
  }
}

// The monitor judges a Reload that comes out of its place.
void ReloadInItsPlace(Trial& trial) {
  Stage stage(trial);
  Milliseconds time = trial.plan().Granted(200ms);
  Actor& actor = stage.NextActor();
  actor.Greet();
  uint64_t start = actor.ExpectStart();
  stage.Order("reload");
  Await(stage, time);
  actor.State(v1::STATE_STARTED, start);
  // Now it may come.
  ObeyMeanwhile(stage, actor);
  stage.Order("stop");
  uint64_t stop = actor.ExpectStop();
  stage.Order("reload");
  Await(stage, time);
  actor.State(v1::STATE_STOPPED, stop);
  Await(stage, time);
  actor.ExpectGoodTerms("DRV-CMD-62");
}

void ReloadThatIsLate(Trial& trial) {
  Stage stage(trial, {.kill_ms = 300,
                      .reload_ms = 400,
                      .ping_interval_ms = 100,
                      .ping_timeout_ms = 20000});
  Actor& actor = stage.StartedActor();
  // Once it is known to be.
  actor.ExpectGoodTerms("DRV-SUP-1");
  stage.Order("reload");
  ToWorker reload = AwaitReload(stage, actor);
  if (stage.OrderDone()) {
    trial.Miss("DRV-CMD-65", "a reload that has failed",
               "the order was carried out");
  }
  // It would have been told to go by now.
  stage.PumpFor(500ms);
  if (actor.dead()) {
    trial.Miss("DRV-CMD-65", "no end for a Reload that is late",
               "the worker was ended");
  }
  ToSupervisor done;
  done.set_re(reload.op());
  done.mutable_result()->set_code(v1::RESULT_CODE_OK);
  actor.Send(done);
  actor.ExpectGoodTerms("DRV-CMD-65");
}

// Messages that were not in the socket when the command was ordered, before it.
int MessagesBeforeStop(Actor& actor, size_t written) {
  int waited = 0;
  size_t read = 0;
  while (true) {
    auto frame = actor.NextOfAny(actor.Patience());
    // Ended, for more waits than it may.
    if (!frame || frame->has_stop()) return waited;
    read += kHeaderSize + frame->ByteSizeLong();
    if (frame->has_user_message() && read > written) ++waited;
  }
}

void MessagesWait(Trial& trial) {
  Stage stage(trial, {.kill_ms = 300});
  Actor& actor = stage.StartedActor();
  actor.HoldReading(true);
  stage.Order(absl::StrCat("messages ", kManyMessages));
  if (!stage.OrderDone()) trial.Broken("--control messages failed");
  size_t written = actor.Unread();
  stage.Order("stop");
  // Until it is told to stop, or ended.
  Await(stage, trial.plan().Granted(500ms));
  actor.HoldReading(false);
  int waited = MessagesBeforeStop(actor, written);
  if (waited > kQueueFrames) {
    trial.Miss("DRV-MSG-5",
               absl::StrCat("Stop behind at most ", kQueueFrames, " frames"),
               absl::StrCat("behind ", waited));
  }
}

constexpr Case kCases[] = {
    {"S-55", "Reload in its place", "DRV-CMD-62", kControl,
     "The pool is ordered to reload in place while its worker starts, drains "
     "and is STOPPED: no Reload comes.",
     ReloadInItsPlace},
    {"S-56", "a Reload that is late", "DRV-CMD-65", kControl,
     "A worker does not answer Reload: the reload has failed, and the worker "
     "lives.",
     ReloadThatIsLate},
    {"S-57", "a command behind messages", "DRV-MSG-5", kControl,
     "A worker does not read, and 3000 user messages are sent to it, then "
     "Stop: "
     "it comes behind a full queue at most.",
     MessagesWait},
};

}  // namespace

absl::Span<const Case> OrderCases() { return kCases; }

}  // namespace drover::conformance
