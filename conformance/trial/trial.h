// One case being run. A trial has a process of its own, so a case is written
// straight on: what ends it does not return.
#ifndef CONFORMANCE_TRIAL_TRIAL_H_
#define CONFORMANCE_TRIAL_TRIAL_H_

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "conformance/trial/output.h"
#include "drover/conformance/record.pb.h"

namespace drover::conformance {

using Milliseconds = std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// What all cases of a run share.
struct Plan {
  // How the subject is started.
  std::vector<std::string> command;
  // Names of the listeners that it accepts on; the first one is knocked at.
  std::vector<std::string> listeners;
  bool testee = false;
  // How orders are given to a supervisor; empty without.
  std::vector<std::string> control;
  // How long the subject takes to begin to speak.
  Milliseconds baseline{0};
  double scale = 1.0;
  // What the clauses of one case grant altogether, and more.
  Milliseconds clauses{30000};

  // For whatever only has to happen.
  Milliseconds Patience() const;
  // What a clause grants, and what a busy machine needs besides.
  Milliseconds Granted(Milliseconds clause) const;
  // How long a case may take altogether before the suite calls itself broken.
  Milliseconds CaseLimit() const;
};

class Trial {
 public:
  // The outcome is written to `result_fd`.
  Trial(const Plan& plan, int result_fd);

  const Plan& plan() const { return plan_; }

  // ---- Verdicts

  // The subject did not keep the clause. A MUST ends the trial; a SHOULD is
  // noted once, and the trial goes on.
  void Miss(absl::string_view clause, absl::string_view expected,
            absl::string_view seen);
  // The case says nothing about this subject.
  [[noreturn]] void NotApplicable(absl::string_view reason);
  // The suite cannot go on.
  [[noreturn]] void Broken(absl::string_view reason);
  // Passed, unless something was missed.
  [[noreturn]] void Finish();

  // Done when the trial ends, whatever its verdict.
  void AtEnd(std::function<void()> action) {
    at_end_.push_back(std::move(action));
  }

  // ---- The log

  void LogSent(absl::string_view text) { Log(">", text); }
  void LogSeen(absl::string_view text) { Log("<", text); }
  void LogEvent(absl::string_view text) { Log(".", text); }
  // What subjects write to their standard output and error.
  OutputTail& output() { return output_; }
  // What the subject says about itself; the first time counts. One that was
  // slow to begin to speak is granted more from here on.
  void Introduce(record::Subject subject);

 private:
  void Log(absl::string_view direction, absl::string_view text);
  uint32_t ElapsedMs() const;
  [[noreturn]] void End(record::Verdict verdict, absl::string_view reason);

  Plan plan_;
  int result_fd_;
  Clock::time_point begin_ = Clock::now();
  OutputTail output_;
  record::Case result_;
  std::deque<record::Entry> log_;
  uint32_t log_dropped_ = 0;
  std::vector<std::function<void()>> at_end_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_TRIAL_TRIAL_H_
