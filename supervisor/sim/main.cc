// bazel run //supervisor/sim -- --seed=N --steps=M [--runs=K] [--log]
//
// One run, or K runs with the seeds that follow. A failure prints the end of
// what happened, and the line that shows it again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "supervisor/sim/report.h"
#include "supervisor/sim/simulation.h"

namespace drover::sim {
namespace {

struct Flags {
  RunOptions run;
  uint64_t runs = 1;
  bool log = false;
};

bool ParseNumber(absl::string_view argument, absl::string_view name,
                 uint64_t* value) {
  if (!absl::ConsumePrefix(&argument, absl::StrCat("--", name, "="))) {
    return false;
  }
  if (!absl::SimpleAtoi(argument, value)) {
    absl::FPrintF(stderr, "--%s: \"%s\" is no number\n", name, argument);
    std::exit(2);
  }
  return true;
}

Flags ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--log") {
      flags.log = true;
    } else if (!ParseNumber(argument, "seed", &flags.run.seed) &&
               !ParseNumber(argument, "steps", &flags.run.steps) &&
               !ParseNumber(argument, "runs", &flags.runs)) {
      absl::FPrintF(stderr,
                    "%s: not known; --seed=N --steps=M --runs=K --log\n",
                    argument);
      std::exit(2);
    }
  }
  return flags;
}

int Main(int argc, char** argv) {
  Flags flags = ParseFlags(argc, argv);
  if (flags.log) {
    flags.run.log = [](const std::string& line) { absl::PrintF("%s\n", line); };
  }
  Tally tally;
  uint64_t steps = 0;
  uint64_t lives = 0;
  absl::Duration time;
  for (uint64_t i = 0; i < flags.runs; ++i, ++flags.run.seed) {
    Result result = Run(flags.run);
    tally.Add(result.tally);
    steps += result.steps;
    lives += result.lives;
    time += result.time;
    if (result.violation) {
      absl::PrintF("%s", Report(flags.run, *result.violation));
      return 1;
    }
  }
  absl::PrintF("%d runs, %d steps, %d supervisors ended, %s passed\n%s",
               flags.runs, steps, lives, absl::FormatDuration(time),
               tally.ToString());
  return 0;
}

}  // namespace
}  // namespace drover::sim

int main(int argc, char** argv) { return drover::sim::Main(argc, argv); }
