// The command line.
#ifndef CONFORMANCE_RUNNER_OPTIONS_H_
#define CONFORMANCE_RUNNER_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "conformance/runner/selection.h"
#include "conformance/trial/trial.h"

namespace drover::conformance {

struct Options {
  std::string mode = "worker";
  Plan plan;
  Filter filter;
  bool list = false;
  std::string explain;
  std::string render;
  std::string known_failing;
  std::string known_flaky;
  bool strict = false;
  bool verbose = false;
  // Side by side; 0: as suits the machine.
  int jobs = 0;
  int repeat = 1;
  // Files; "-" is standard output.
  std::string json;
  std::string tap;
  std::string junit;
  std::string html;
  // Printed in place of a run: --help, --version.
  std::string text;
};

// InvalidArgument, with the remedy.
absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv);

// The options that shape a run, and the command, for a shell; with only that
// case.
std::string RepeatCommand(const Options& options, absl::string_view case_id);

// The word as a shell has to be given it.
std::string ShellWord(absl::string_view word);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RUNNER_OPTIONS_H_
