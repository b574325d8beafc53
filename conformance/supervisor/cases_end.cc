// How ends of workers are noticed and reported.
#include <signal.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "conformance/supervisor/cases.h"
#include "conformance/supervisor/stage.h"
#include "conformance/trial/descendants.h"
#include "conformance/wire/describe.h"

namespace drover::conformance {
namespace {

namespace v1 = worker::v1;
using namespace std::chrono_literals;

using Report = std::map<std::string, std::string>;

void ExpectWord(Trial& trial, absl::string_view clause, const Report& report,
                const std::string& word, const std::string& expected) {
  auto found = report.find(word);
  std::string seen = found == report.end() ? "" : found->second;
  if (seen == expected) return;
  trial.Miss(clause, absl::StrCat(word, "=", expected),
             absl::StrCat(word, "=", seen));
}

void ExpectText(Trial& trial, absl::string_view clause, const Report& report,
                absl::string_view part) {
  auto found = report.find("text");
  std::string seen = found == report.end() ? "" : found->second;
  if (absl::StrContains(seen, part)) return;
  trial.Miss(clause, absl::StrCat("the words \"", part, "\" in the report"),
             absl::StrCat("\"", seen, "\""));
}

void FailedCrosses(Trial& trial) {
  Stage stage(trial);
  stage.WatchEnds();
  Actor& actor = stage.StartedActor();
  stage.Order("stop");
  actor.ExpectStop();
  actor.State(v1::STATE_FAILED, 0, "the disk is full");
  pid_t pid = actor.pid();
  actor.ExitWith(1);
  Report report = stage.EndOf(pid, "DRV-EXIT-22");
  ExpectText(trial, "DRV-EXIT-22", report, "the disk is full");
  ExpectWord(trial, "DRV-EXIT-20", report, "reason", "AbnormalExit");
  stage.PumpFor(300ms);
  if (stage.EndsOf(pid) != 1) {
    trial.Miss("DRV-EXIT-20", "one report of each end",
               absl::StrCat(stage.EndsOf(pid)));
  }
}

void LastWords(Trial& trial) {
  Stage stage(trial, {.ping_interval_ms = 100});
  stage.WatchEnds();
  Actor& actor = stage.StartedActor();
  actor.AnswerPings(false);
  actor.HoldReading(true);
  // A Ping lies unread, so that the supervisor will see ECONNRESET.
  Clock::time_point deadline = Clock::now() + trial.plan().Patience();
  while (actor.Unread() == 0 && Clock::now() < deadline) stage.PumpFor(5ms);
  // It finds the words and the end at one time.
  ::kill(stage.pid(), SIGSTOP);
  trial.LogEvent("SIGSTOP to the supervisor");
  ToSupervisor fatal;
  fatal.mutable_fatal()->set_code(7);
  fatal.mutable_fatal()->set_text("out of fuel");
  actor.Send(fatal);
  pid_t pid = actor.pid();
  actor.ExitWith(7);
  while (IsRunning(pid) && Clock::now() < deadline) stage.PumpFor(1ms);
  ::kill(stage.pid(), SIGCONT);
  Report report = stage.EndOf(pid, "DRV-SUP-6");
  ExpectText(trial, "DRV-SUP-6", report, "out of fuel");
  ExpectText(trial, "DRV-REPORT-6", report, "out of fuel");
}

void Reasons(Trial& trial) {
  struct Kind {
    const char* order;
    const char* reason;
    const char* number;
  };
  const Kind kinds[] = {{"exit 0", "NormalExit", "0"},
                        {"exit 3", "AbnormalExit", "3"},
                        {"raise 11", "ExternalSignal", "11"},
                        {"raise 9", "ExternalSignal", "9"}};
  Stage stage(trial, {.count = 4});
  stage.WatchEnds();
  for (const Kind& kind : kinds) {
    Actor& actor = stage.StartedActor();
    pid_t pid = actor.pid();
    actor.LetGo();
    actor.Order(kind.order);
    Report report = stage.EndOf(pid, "DRV-EXIT-20");
    ExpectWord(trial, "DRV-EXIT-20", report, "reason", kind.reason);
    ExpectWord(trial, "DRV-EXIT-20", report, "number", kind.number);
    ExpectWord(trial, "DRV-EXIT-20", report, "due", "false");
    ExpectWord(trial, "DRV-EXIT-20", report, "by_supervisor", "false");
  }
}

void DueEnds(Trial& trial) {
  Stage stage(trial, {.count = 1, .restart = true});
  stage.WatchEnds();
  Actor& actor = stage.StartedActor();
  stage.Order("restart");
  // In any order of start and stop.
  Actor* next = nullptr;
  std::optional<ToWorker> frame;
  Clock::time_point deadline = Clock::now() + trial.plan().Patience();
  while (!(frame && frame->has_stop()) && Clock::now() < deadline) {
    frame = actor.NextOfAny(100ms);
    if (frame || next != nullptr) continue;
    next = stage.OtherActor();
    if (next != nullptr) next->Start();
  }
  if (!frame || !frame->has_stop()) trial.Broken("--control restart: no Stop");
  actor.State(v1::STATE_STOPPED, frame->op());
  actor.ExpectQuit();
  pid_t pid = actor.pid();
  actor.ExitWith(0);
  Report report = stage.EndOf(pid, "DRV-EXIT-20");
  ExpectWord(trial, "DRV-EXIT-20", report, "reason", "NormalExit");
  ExpectWord(trial, "DRV-EXIT-20", report, "due", "true");
}

void KilledEnds(Trial& trial) {
  Stage stage(
      trial, {.kill_ms = 200, .ping_interval_ms = 100, .ping_timeout_ms = 400});
  Actor& actor = stage.StartedActor();
  stage.WatchEnds();
  actor.AnswerPings(false);
  Report report = stage.EndOf(actor.pid(), "DRV-EXIT-21");
  ExpectWord(trial, "DRV-EXIT-20", report, "reason", "ExternalSignal");
  ExpectWord(trial, "DRV-EXIT-20", report, "by_supervisor", "true");
  ExpectWord(trial, "DRV-EXIT-21", report, "cause", "UNRESPONSIVE");
}

void LateStop(Trial& trial) {
  Stage stage(trial, {.stop_ms = 400, .answer_grace_ms = 100});
  stage.WatchEnds();
  Actor& actor = stage.StartedActor();
  stage.Order("stop");
  actor.ExpectStop();
  actor.ExpectQuit();
  pid_t pid = actor.pid();
  actor.ExitWith(0);
  Report report = stage.EndOf(pid, "DRV-EXIT-23");
  ExpectWord(trial, "DRV-EXIT-23", report, "cause", "STOP_TIMEOUT");
}

void Wrapper(Trial& trial) {
  Stage stage(trial, {.kill_ms = 200, .loss_ms = 300});
  stage.WatchEnds();
  Actor& actor = stage.NextActor();
  actor.CloseChannel();
  Report report = stage.EndOf(actor.pid(), "DRV-ENV-14");
  ExpectText(trial, "DRV-ENV-14", report, "wrapper");
}

void Escaped(Trial& trial) {
  Stage stage(trial);
  stage.WatchEnds();
  Actor& actor = stage.StartedActor();
  actor.State(v1::STATE_FAILED, 0, "red \x1b[31m and \xff broken");
  pid_t pid = actor.pid();
  actor.ExitWith(1);
  Report report = stage.EndOf(pid, "DRV-REPORT-2");
  ExpectText(trial, "DRV-REPORT-2", report, "red ");
  for (char c : report["text"]) {
    if (c == '\x1b' || c == '\xff') {
      trial.Miss("DRV-REPORT-2", "control characters and broken UTF-8 escaped",
                 "a raw byte");
    }
  }
}

void ManyAtOnce(Trial& trial) {
  constexpr int kMany = 30;
  Stage stage(trial, {.count = kMany});
  stage.WatchEnds();
  std::vector<Actor*> actors;
  for (int i = 0; i < kMany; ++i) actors.push_back(&stage.NextActor());
  for (Actor* actor : actors) actor->LetGo();
  for (Actor* actor : actors) ::kill(actor->pid(), SIGKILL);
  for (Actor* actor : actors) stage.EndOf(actor->pid(), "DRV-SUP-19");
}

constexpr Case kCases[] = {
    {"S-14", "FAILED crosses Stop", "DRV-EXIT-22 DRV-EXIT-20", kControl,
     "FAILED is sent when Stop has been: one report of the end, with the "
     "worker's text.",
     FailedCrosses},
    {"S-15", "last words", "DRV-SUP-6 DRV-FRAME-10 DRV-REPORT-6", kControl,
     "Fatal and then at once the end, with a Ping unread, while the supervisor "
     "is stopped: the report has the text of Fatal.",
     LastWords},
    {"S-16", "reasons", "DRV-EXIT-20", kControl,
     "Exit codes 0 and 3, SIGSEGV and SIGKILL, none of them due: each is "
     "reported as the exit table says.",
     Reasons},
    {"S-27", "many at once", "DRV-SUP-19", kControl,
     "30 workers are killed at one time: each end is reported.", ManyAtOnce},
    {"S-29", "texts are escaped", "DRV-REPORT-2", kControl,
     "A text with an escape sequence and broken UTF-8: shown escaped.",
     Escaped},
    {"S-47", "an end that is due", "DRV-EXIT-20", kControl,
     "A worker is restarted and exits with 0 after Quit: NormalExit, due.",
     DueEnds},
    {"S-48", "an end by the supervisor", "DRV-EXIT-20 DRV-EXIT-21", kControl,
     "A worker answers no Ping: ExternalSignal by the supervisor, with the "
     "cause "
     "UNRESPONSIVE.",
     KilledEnds},
    {"S-49", "a Stop that was late", "DRV-EXIT-23", kControl,
     "A worker misses the deadline of Stop and exits with 0 after Quit: the "
     "report says STOP_TIMEOUT.",
     LateStop},
    {"S-50", "a channel that a wrapper closed", "DRV-ENV-14", kControl,
     "The channel ends without a Hello while the process lives: the report "
     "says that a wrapper may have closed it.",
     Wrapper},
};

}  // namespace

absl::Span<const Case> EndCases() { return kCases; }

}  // namespace drover::conformance
