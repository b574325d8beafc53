// Processes, descriptors, and the supervisor's own end.
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "conformance/supervisor/cases.h"
#include "conformance/supervisor/stage.h"
#include "conformance/trial/descendants.h"
#include "conformance/wire/describe.h"
#include "conformance/wire/frame.h"
#include "conformance/wire/raw.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

bool Reaped(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

void SlowReader(Trial& trial) {
  Stage stage(trial, {.count = 2, .kill_ms = 300});
  Actor& good = stage.StartedActor();
  Actor& deaf = stage.StartedActor();
  deaf.HoldReading(true);
  // Each wants an answer; a socket holds a few hundred of them, and a
  // supervisor no more than 64 besides. 900 a second are allowed.
  uint64_t op = 0;
  Milliseconds slowest = 0ms;
  for (int round = 0; round < 40 && !deaf.dead(); ++round) {
    std::string frames;
    for (int i = 0; i < 45; ++i) {
      frames += Framed(raw::VarintField(1, ++op) + raw::BytesField(99, ""));
    }
    deaf.SendPart(frames);
    stage.PumpFor(50ms);
    Clock::time_point begin = Clock::now();
    good.ExpectGoodTerms("DRV-SUP-3");
    slowest = std::max(slowest, std::chrono::duration_cast<Milliseconds>(
                                    Clock::now() - begin));
  }
  if (slowest > trial.plan().Granted(100ms)) {
    trial.Miss("DRV-SUP-3", "an answer within 100 ms",
               absl::StrCat("after ", slowest.count(), " ms"));
  }
  deaf.ExpectDeath("DRV-LIMIT-8", 500ms);
}

void LossOfTheChannel(Trial& trial) {
  Stage stage(trial, {.restart = true, .kill_ms = 400, .loss_ms = 400});
  Actor& actor = stage.StartedActor();
  std::string told = absl::StrCat("signal ", SIGTERM);
  actor.OrderAndWait(absl::StrCat("tell ", SIGTERM));
  Clock::time_point begin = Clock::now();
  actor.CloseChannel();
  Clock::time_point deadline = begin + trial.plan().Granted(400ms);
  while (!actor.Sees(told) && stage.Pump(deadline)) {
  }
  if (!actor.Sees(told)) {
    trial.Miss("DRV-SUP-21", "SIGTERM after the loss time", "none");
  }
  if (Clock::now() - begin < 340ms) {
    trial.Miss("DRV-SUP-21", "the loss time before SIGTERM", "earlier");
  }
  if (stage.OtherActor() != nullptr && !actor.dead()) {
    trial.Miss("DRV-SUP-8", "no other process before the end of this one",
               "one was started");
  }
  actor.ExpectDeath("DRV-SUP-21", 400ms);
}

void ChildHoldsTheChannel(Trial& trial) {
  Stage stage(trial, {.restart = true, .backoff_ms = 1});
  Actor& actor = stage.StartedActor();
  actor.Order("fork");
  std::string message = actor.AwaitMessage("forked");
  int child = 0;
  (void)absl::SimpleAtoi(message.substr(message.rfind(' ') + 1), &child);
  actor.ExitWith(1);
  // Its end is noticed though the channel does not end.
  stage.NextActor("DRV-SUP-20");
  Clock::time_point deadline = Clock::now() + trial.plan().Granted(0ms);
  while (IsRunning(child) && Clock::now() < deadline) stage.PumpFor(5ms);
  if (IsRunning(child)) {
    trial.Miss("DRV-SUP-7", "the rest of the process group is killed",
               absl::StrCat("process ", child, " lives"));
  }
}

void OneProcessASlot(Trial& trial) {
  Stage stage(trial, {.restart = true, .max_restarts = 1000, .backoff_ms = 1});
  // The first start is not judged as those of replacements are.
  stage.StartedActor().ExitWith(1);
  // Kills at any time of a worker's life.
  unsigned seed = 4711;
  for (int round = 0; round < 20; ++round) {
    Actor& actor = stage.NextActor("DRV-SUP-8");
    int stage_of_life = ::rand_r(&seed) % 3;
    if (stage_of_life > 0) actor.Greet();
    if (stage_of_life > 1) actor.ExpectStart();
    pid_t pid = actor.pid();
    actor.LetGo();
    ::kill(pid, SIGKILL);
    // The next one is there: the former one must be reaped.
    Clock::time_point deadline = Clock::now() + trial.plan().Patience();
    while (!stage.HasOtherActor() && stage.Pump(deadline)) {
    }
    if (!Reaped(pid)) {
      trial.Miss("DRV-SUP-8", "the former process reaped before the next one",
                 "it is still there");
    }
  }
}

void CleanBirth(Trial& trial) {
  Stage stage(trial, {.count = 2, .listener = true});
  for (int i = 0; i < 2; ++i) {
    Actor& actor = stage.NextActor();
    std::string channel = actor.Variable("DROVER_FD");
    if (channel.empty() || actor.Variable("DROVER_PROTOCOL") != "1") {
      trial.Miss("DRV-ENV-1", "DROVER_FD and DROVER_PROTOCOL",
                 absl::StrJoin(actor.Facts("environment"), " "));
    }
    std::string listener = actor.Variable("DROVER_LISTEN_FDS");
    std::string listener_fd = listener.substr(0, listener.find(':'));
    if (listener != listener_fd + ":http") {
      trial.Miss("DRV-ENV-2", "DROVER_LISTEN_FDS=N:http", listener);
    }
    if (!actor.Variable("DROVER_CONFORMANCE_SECRET").empty()) {
      trial.Miss("DRV-ENV-3", "no other DROVER_ variable of the supervisor's",
                 "DROVER_CONFORMANCE_SECRET");
    }
    std::set<std::string> expected = {"0", "1", "2", channel, listener_fd};
    std::set<std::string> seen;
    for (const std::string& fact : actor.Facts("fd")) {
      std::vector<std::string> words = absl::StrSplit(fact, ' ');
      seen.insert(words[0]);
      if (words[0] != listener_fd) continue;
      if (words[1] != "listener" || words[2] != "nonblock") {
        trial.Miss("DRV-FD-12", "a listening socket with O_NONBLOCK", fact);
      }
    }
    if (seen != expected) {
      trial.Miss("DRV-FD-11",
                 absl::StrCat("descriptors ", absl::StrJoin(expected, " ")),
                 absl::StrJoin(seen, " "));
    }
    if (actor.Facts("group")[0] != absl::StrCat(actor.pid())) {
      trial.Miss("DRV-SUP-10", "the leader of a process group",
                 absl::StrCat("group ", actor.Facts("group")[0]));
    }
    for (const std::string& fact : actor.Facts("signals")) {
      if (fact.find_first_not_of("0", fact.find('\t') + 1) !=
          std::string::npos) {
        trial.Miss("DRV-SUP-15", "no signal blocked or ignored", fact);
      }
    }
  }
}

void NoListener(Trial& trial) {
  Stage stage(trial);
  Actor& actor = stage.NextActor();
  // Neither is an empty one.
  for (const std::string& entry : actor.Facts("environment")) {
    if (!absl::StartsWith(entry, "DROVER_LISTEN_FDS=")) continue;
    trial.Miss("DRV-ENV-2", "no DROVER_LISTEN_FDS without listeners", entry);
  }
}

std::string ListenerOf(const Actor& actor) {
  for (const std::string& fact : actor.Facts("fd")) {
    std::vector<std::string> words = absl::StrSplit(fact, ' ');
    if (words[1] == "listener") return words[3];
  }
  return "";
}

void ListenersOutlive(Trial& trial) {
  Stage stage(trial, {.listener = true, .restart = true, .backoff_ms = 1});
  Actor& first = stage.StartedActor();
  std::string listener = ListenerOf(first);
  first.ExitWith(1);
  Actor& second = stage.NextActor();
  if (listener.empty() || ListenerOf(second) != listener) {
    trial.Miss("DRV-FD-13", absl::StrCat("the same socket, ", listener),
               ListenerOf(second));
  }
}

void OwnDeath(Trial& trial) {
  Stage stage(trial, {.count = 3});
  std::vector<Actor*> actors;
  for (int i = 0; i < 3; ++i) actors.push_back(&stage.StartedActor());
  stage.Kill();
  Clock::time_point deadline = Clock::now() + trial.plan().Granted(1000ms);
  for (Actor* actor : actors) {
    while (!actor->channel_ended() && stage.Pump(deadline)) {
    }
    if (!actor->channel_ended()) {
      trial.Miss("DRV-SUP-22", "the end of the stream within a second",
                 "the channel is open");
    }
  }
}

void CrashLoop(Trial& trial) {
  Stage stage(trial, {.restart = true, .max_restarts = 3, .backoff_ms = 100});
  std::vector<Milliseconds> delays;
  Clock::time_point died;
  for (int life = 0; life < 4; ++life) {
    Actor& actor = stage.NextActor("DRV-SUP-16");
    if (life > 0) {
      delays.push_back(
          std::chrono::duration_cast<Milliseconds>(Clock::now() - died));
    }
    actor.Start();
    actor.ExitWith(1);
    actor.ExpectDeath("DRV-SUP-16", 1000ms);
    died = Clock::now();
  }
  // Twice doubled. Each death was seen late, if at all, so that a delay looks
  // shorter than it was.
  Milliseconds late = WaitedForCpu(::getpid());
  if (delays.back() + late < 4 * 100ms * 85 / 100) {
    trial.Miss("DRV-SUP-16", "delays that grow",
               absl::StrCat(delays.front().count(), " ms, then ",
                            delays.back().count(), " ms"));
  }
  stage.ExpectNoActor("DRV-SUP-16", 1500ms);
}

void BehindAWrapper(Trial& trial) {
  Stage stage(
      trial,
      {.wrapped = true, .stop_ms = 300, .quit_ms = 300, .kill_ms = 2000});
  Actor& actor = stage.NextActor();
  if (actor.Facts("group")[0] == absl::StrCat(actor.pid())) {
    trial.Broken("the adapter does not wrap workers");
  }
  actor.OrderAndWait(absl::StrCat("tell ", SIGTERM));
  actor.Start();
  actor.ExpectGoodTerms("DRV-ENV-15");
  stage.ShutDown();
  std::string told = absl::StrCat("signal ", SIGTERM);
  Clock::time_point deadline = Clock::now() + trial.plan().Granted(1000ms);
  while (!actor.Sees(told) && stage.Pump(deadline)) {
  }
  if (!actor.Sees(told)) {
    trial.Miss("DRV-SUP-11", "SIGTERM to the whole group", "none came");
  }
}

void HalfAFrameAtTheEnd(Trial& trial) {
  Stage stage(trial, {.restart = true, .backoff_ms = 1});
  Actor& actor = stage.StartedActor();
  actor.SendPart(Header(100) + "half");
  actor.ExitWith(0);
  stage.NextActor("DRV-FRAME-9");
}

constexpr Case kCases[] = {
    {"S-10", "a worker that does not read", "DRV-SUP-3 DRV-LIMIT-8", kNothing,
     "A worker asks and does not read: another one is answered all the while, "
     "and the deaf one is ended.",
     SlowReader},
    {"S-17", "the channel is lost", "DRV-SUP-21 DRV-SUP-8", kNothing,
     "The channel ends while the process lives: SIGTERM after the loss time, "
     "then SIGKILL; no other process before.",
     LossOfTheChannel},
    {"S-18", "a child holds the channel", "DRV-SUP-5 DRV-SUP-7 DRV-SUP-20",
     kNothing,
     "A worker dies, its child keeps the channel: the end is noticed, and the "
     "child is killed.",
     ChildHoldsTheChannel},
    {"S-20", "one process a slot", "DRV-SUP-8", kNothing,
     "A worker is killed twenty times, at any time of its life: the former "
     "process is always reaped before the next one runs.",
     OneProcessASlot},
    {"S-21", "a clean birth",
     "DRV-ENV-1 DRV-ENV-2 DRV-ENV-3 DRV-FD-11 DRV-FD-12 DRV-SUP-10 DRV-SUP-15",
     kNothing,
     "Two workers with a listener: environment, descriptors, process group and "
     "signals are as they have to be.",
     CleanBirth},
    {"S-22", "the supervisor is killed", "DRV-SUP-22 DRV-FD-15", kNothing,
     "SIGKILL to the supervisor of three workers: each sees the end of the "
     "stream within a second.",
     OwnDeath},
    {"S-23", "a crash loop", "DRV-SUP-16", kNothing,
     "A worker crashes again and again: growing delays, and an end of it.",
     CrashLoop},
    {"S-25", "behind a wrapper", "DRV-ENV-15 DRV-SUP-11", kNothing,
     "Workers run below a shell: Hello.pid of another process is accepted, and "
     "SIGTERM reaches the worker.",
     BehindAWrapper},
    {"S-51", "no listener", "DRV-ENV-2", kNothing,
     "A worker without listeners: no DROVER_LISTEN_FDS.", NoListener},
    {"S-52", "listeners outlive workers", "DRV-FD-13", kNothing,
     "A worker dies: the next one has the same listening socket.",
     ListenersOutlive},
    {"S-53", "half a frame at the end", "DRV-FRAME-9", kNothing,
     "A worker ends inside a frame: it is replaced as at any end.",
     HalfAFrameAtTheEnd},
};

}  // namespace

absl::Span<const Case> ProcessCases() { return kCases; }

}  // namespace drover::conformance
