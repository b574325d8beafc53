#include "conformance/supervisor_testee/worker.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "conformance/trial/descendants.h"
#include "conformance/wire/text.h"

namespace drover::conformance {
namespace {

using namespace std::chrono_literals;

constexpr Worker::Milliseconds kLastKill = 10s;
// More than a socket holds.
constexpr int kLastReads = 64;

}  // namespace

Worker::Worker(const Settings& settings, const Place& place, Process process,
               Fd channel)
    : settings_(settings),
      place_(place),
      process_(std::move(process)),
      channel_(std::move(channel), settings) {
  if (!Faulty("waits_for_hello")) SetDeadline(settings_.hello);
  if (Faulty("speaks_first")) SendPing(Clock::now());
}

bool Worker::InStablePhase() const {
  return phase_ == Phase::kInitialized || phase_ == Phase::kStarted ||
         phase_ == Phase::kStopped;
}

bool Worker::CommandRuns() const {
  return phase_ == Phase::kStarting || phase_ == Phase::kStopping ||
         reload_ == Reload::kRunning;
}

bool Worker::Agreed(worker::v1::Capability capability) const {
  return agreed_.count(static_cast<uint32_t>(capability)) > 0;
}

void Worker::Want(Goal goal) {
  // One that is told to go goes.
  if (goal_ == Goal::kQuit) return;
  goal_ = goal;
  Steer();
}

void Worker::Steer() {
  bool wanted = goal_ == Goal::kRun;
  switch (phase_) {
    case Phase::kSpawned:
      if (goal_ != Goal::kQuit) break;
      phase_ = Phase::kShuttingDown;
      Terminate();
      SetDeadline(settings_.kill);
      break;
    case Phase::kInitialized:
      wanted ? SendStart() : SendStop();
      break;
    case Phase::kStarting:
    case Phase::kStarted:
      if (!wanted) SendStop();
      break;
    case Phase::kStopping:
      if (wanted && Faulty("starts_while_stopping")) SendStart();
      break;
    case Phase::kStopped:
      if (goal_ == Goal::kQuit) SendQuit();
      if (!wanted) break;
      // Without RESUME its slot needs another process.
      Agreed(worker::v1::CAPABILITY_RESUME) || Faulty("resumes_unasked")
          ? SendStart()
          : SendQuit();
      break;
    default:
      break;
  }
}

// ---- Deadlines

void Worker::SetDeadline(Milliseconds time) {
  deadline_ = Clock::now() + time;
  first_deadline_ = *deadline_;
}

Worker::Clock::time_point Worker::NextDue() const {
  Clock::time_point due = deadline_.value_or(Clock::time_point::max());
  if (reload_ == Reload::kRunning) due = std::min(due, reload_deadline_);
  if (ping_waits_ && (!CommandRuns() || Faulty("pings_time_out_on_the_way"))) {
    due = std::min(due, ping_sent_ + settings_.ping_timeout);
  }
  bool beats = settings_.ping_interval > 0ms || Faulty("pings_anyway");
  if (beats && InStablePhase() && !CommandRuns() &&
      (!ping_waits_ || Faulty("pings_overlap"))) {
    due = std::min(due, next_ping_);
  }
  return due;
}

void Worker::ActOnDeadlines(Clock::time_point now) {
  if (channel_.overflown() && phase_ < Phase::kShuttingDown) Fail("QUEUE_FULL");
  if (reload_ == Reload::kRunning && now >= reload_deadline_) {
    reload_ = Reload::kFailed;
    Calm();
    if (Faulty("late_reload_kills")) Fail("UNRESPONSIVE");
  }
  if (deadline_ && now >= *deadline_ && !Postponed()) DeadlinePassed();
  Beat(now);
}

// A mutant lets the deadlines of a stopped process wait for ever.
bool Worker::Postponed() const {
  return Faulty("waits_for_stopped") && IsStopped(pid());
}

void Worker::DeadlinePassed() {
  deadline_.reset();
  switch (phase_) {
    case Phase::kSpawned:
      return Fail("HELLO_TIMEOUT");
    case Phase::kStarting:
      return Fail("START_TIMEOUT");
    case Phase::kStopping:
      SetCause("STOP_TIMEOUT");
      return SendQuit();
    case Phase::kShuttingDown:
      if (!Faulty("skips_sigterm")) return Fail("QUIT_TIMEOUT");
      terminated_ = true;
      return Escalate();
    default:
      return Escalate();
  }
}

void Worker::Fail(absl::string_view cause) {
  SetCause(cause);
  phase_ = Phase::kFailed;
  Terminate();
  SetDeadline(settings_.kill);
}

void Worker::Escalate() {
  if (!terminated_) {
    Terminate();
    return SetDeadline(settings_.kill);
  }
  killed_ = true;
  SignalGroup(SIGKILL);
  SetDeadline(kLastKill);
}

void Worker::SignalGroup(int number) {
  Faulty("signals_one") ? process_.Signal(number)
                        : process_.SignalGroup(number);
}

void Worker::Terminate() {
  terminated_ = true;
  SignalGroup(SIGTERM);
  if (!Faulty("no_sigcont")) SignalGroup(SIGCONT);
}

void Worker::SetCause(absl::string_view cause) {
  if (cause_.empty()) cause_ = std::string(cause);
}

// ---- Heartbeat

bool Worker::PingOverdue(Clock::time_point now) const {
  if (!ping_waits_ || now < ping_sent_ + settings_.ping_timeout) return false;
  return (InStablePhase() && !CommandRuns()) ||
         Faulty("pings_time_out_on_the_way");
}

void Worker::Beat(Clock::time_point now) {
  if (phase_ >= Phase::kShuttingDown) return;
  if (PingOverdue(now) && !Postponed()) return Fail("UNRESPONSIVE");
  bool beats = settings_.ping_interval > 0ms || Faulty("pings_anyway");
  if (!beats || !InStablePhase() || CommandRuns() || now < next_ping_) return;
  if (!ping_waits_ || Faulty("pings_overlap")) SendPing(now);
}

// Back in a stable phase: what waited begins anew.
void Worker::Calm() {
  ping_sent_ = Clock::now();
  next_ping_ = ping_sent_ + settings_.ping_interval;
}

// ---- The end

void Worker::AddWords(absl::string_view words) {
  if (words.empty()) return;
  absl::StrAppend(&words_, words_.empty() ? "" : "; ",
                  std::string(words.data(), words.size()));
}

EndReport Worker::Conclude() {
  // Last words count. A child may hold the other end, and write for ever.
  for (int i = 0; i < kLastReads && !Faulty("drops_last_words"); ++i) {
    if (!ReadChannel()) break;
  }
  EndReport report;
  report.pid = pid();
  // The id is ours until the process is reaped.
  if (!Faulty("spares_the_group")) process_.SignalGroup(SIGKILL);
  report.end = process_.Reap().value_or(End{});
  bool ours = (report.end.number == SIGTERM && terminated_) ||
              (report.end.number == SIGKILL && killed_);
  report.by_supervisor = report.end.by_signal && ours;
  report.due = quit_sent_ || (terminated_ && goal_ == Goal::kQuit);
  if (report.end == End{} && Faulty("zero_is_due")) report.due = true;
  if (Faulty("nothing_is_due")) report.due = false;
  report.cause = cause_;
  if (report.by_supervisor && Faulty("last_cause_wins")) report.cause = "KILL";
  if (report.end == End{} && Faulty("quit_forgives")) report.cause.clear();
  report.text = Faulty("raw_text") ? words_ : Printable(words_);
  report.text = absl::StrReplaceAll(report.text, {{"\n", " "}});
  return report;
}

}  // namespace drover::conformance
