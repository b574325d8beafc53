#include "supervisor/sim/report.h"

#include <deque>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drover::sim {
namespace {

constexpr size_t kTail = 120;

// What goes on all the time says little about how it came to this.
bool IsHeartbeat(absl::string_view line) {
  return absl::StrContains(line, " Ping ") ||
         absl::StrContains(line, " says Pong ") ||
         absl::EndsWith(line, " time passes");
}

}  // namespace

std::string Report(RunOptions options, const Violation& violation) {
  std::deque<std::string> tail;
  options.log = [&](const std::string& line) {
    if (IsHeartbeat(line)) return;
    tail.push_back(line);
    if (tail.size() > kTail) tail.pop_front();
  };
  Run(options);
  std::string out;
  for (const std::string& line : tail) absl::StrAppend(&out, line, "\n");
  absl::StrAppend(&out, "\n", violation.checker, ": ", violation.text,
                  "\nbazel run //supervisor/sim -- --seed=", options.seed,
                  " --steps=", options.steps, "\n");
  return out;
}

}  // namespace drover::sim
