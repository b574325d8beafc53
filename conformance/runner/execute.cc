#include "conformance/runner/execute.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "conformance/trial/run.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {
namespace {

constexpr int kProbes = 3;
// Cases wait more than they work, unless the subject is slow to start.
constexpr int kJobsPerCore = 8;
constexpr int kSlowJobsPerCore = 2;
constexpr Milliseconds kSlow{80};
// A worker that says nothing to begin with is not waited for in every case as
// if it might.
constexpr double kSilentScale = 0.2;

// What keeps a case from being run at all; empty where nothing does.
std::string Lacking(const Plan& plan, const Case& the_case) {
  if ((the_case.needs & kTestee) != 0 && !plan.testee) {
    return "needs a worker that does what DROVER_TESTEE asks: --testee";
  }
  if ((the_case.needs & kListener) != 0 && plan.listeners.empty()) {
    return "needs the name of a listener that the worker accepts on: "
           "--listener";
  }
  if ((the_case.needs & kControl) != 0 && plan.control.empty()) {
    return "needs a way to give the supervisor orders: --control";
  }
  return "";
}

TrialRequest RequestOf(const Plan& plan, const Case& the_case) {
  return {&plan, [&plan, &the_case](Trial& trial) {
            std::string lacking = Lacking(plan, the_case);
            if (!lacking.empty()) trial.NotApplicable(lacking);
            the_case.run(trial);
          }};
}

// How long the worker takes to its Hello, one process at a time. 0 where it
// says none.
Milliseconds Calibrate(const Plan& plan) {
  uint32_t slowest = 0;
  TrialRequest request = {&plan, [](Trial& trial) {
                            Subject subject(trial);
                            subject.ReadHello();
                          }};
  for (int i = 0; i < kProbes; ++i) {
    bool spoke = false;
    RunTrials({request}, 1, [&](size_t, record::Case result) {
      spoke = result.has_subject();
      // At least 1, so that 0 is silence.
      slowest = std::max({slowest, result.subject().hello_ms(),
                          result.has_subject() ? 1u : 0u});
    });
    if (!spoke) break;
  }
  return Milliseconds(slowest);
}

int Severity(record::Verdict verdict) {
  switch (verdict) {
    case record::VERDICT_NOT_APPLICABLE:
      return 0;
    case record::VERDICT_PASS:
      return 1;
    case record::VERDICT_WARN:
      return 2;
    case record::VERDICT_FAIL:
      return 3;
    default:
      return 4;
  }
}

void Describe(const Options& options, const Case& the_case,
              record::Case& result) {
  result.set_id(the_case.id);
  result.set_title(the_case.title);
  for (const std::string& clause : ClausesOf(the_case)) {
    result.add_clauses(clause);
  }
  bool plain = result.verdict() == record::VERDICT_PASS ||
               result.verdict() == record::VERDICT_NOT_APPLICABLE;
  if (plain && !options.verbose) {
    result.clear_log();
    result.clear_log_dropped();
    result.clear_output();
  }
  if (!plain) result.set_repeat(RepeatCommand(options, the_case.id));
}

int Jobs(const Options& options, const Plan& plan) {
  if (options.jobs > 0) return options.jobs;
  int cores =
      static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return cores * (plan.baseline > kSlow ? kSlowJobsPerCore : kJobsPerCore);
}

record::Run About(const Options& options) {
  record::Run run;
  run.set_suite("drover-conformance 1.0.0");
  run.set_mode(options.mode);
  for (const std::string& word : options.plan.command) run.add_command(word);
  run.set_started_at(
      absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone()));
  return run;
}

}  // namespace

record::Run Execute(const Options& options,
                    const std::vector<const Case*>& cases,
                    const std::function<void(const record::Case&)>& done) {
  Clock::time_point begin = Clock::now();
  record::Run run = About(options);
  Plan plan = options.plan;
  if (options.mode == "worker") {
    plan.baseline = Calibrate(plan);
    if (plan.baseline == Milliseconds(0)) plan.scale *= kSilentScale;
  }
  run.set_baseline_ms(static_cast<uint32_t>(plan.baseline.count()));

  std::vector<TrialRequest> requests;
  for (int round = 0; round < options.repeat; ++round) {
    for (const Case* each : cases) requests.push_back(RequestOf(plan, *each));
  }
  std::vector<record::Case> results(cases.size());
  RunTrials(
      requests, Jobs(options, plan), [&](size_t index, record::Case result) {
        size_t place = index % cases.size();
        if (result.has_subject() && !run.has_subject()) {
          *run.mutable_subject() = result.subject();
        }
        // The machine may have become slower; cases to come are granted more.
        plan.baseline =
            std::max(plan.baseline, Milliseconds(result.subject().hello_ms()));
        Describe(options, *cases[place], result);
        done(result);
        if (results[place].id().empty() ||
            Severity(result.verdict()) > Severity(results[place].verdict())) {
          results[place] = std::move(result);
        }
      });
  for (record::Case& result : results) {
    result.clear_subject();
    *run.add_cases() = std::move(result);
  }
  run.set_duration_ms(static_cast<uint32_t>(
      std::chrono::duration_cast<Milliseconds>(Clock::now() - begin).count()));
  return run;
}

}  // namespace drover::conformance
