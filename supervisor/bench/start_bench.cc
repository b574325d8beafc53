// Start and replacement, as ratios to the bare spawn of the same binary in the
// same run (docs/benchmarks.md has the budgets). Rounds of both alternate, so
// that what else the machine does falls on both.
#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "supervisor/bench/bare.h"
#include "supervisor/bench/supervised.h"

namespace drover::bench {
namespace {

constexpr char kWorker[] = "examples/minimal_c/minimal_worker";

double Median(std::vector<absl::Duration> durations) {
  auto middle =
      durations.begin() + static_cast<std::ptrdiff_t>(durations.size() / 2);
  std::nth_element(durations.begin(), middle, durations.end());
  return absl::ToDoubleMilliseconds(*middle);
}

void Row(const std::string& what, const std::vector<absl::Duration>& bare,
         const std::vector<absl::Duration>& supervised) {
  absl::PrintF("%-24s %8d %12.2f %12.2f %8.2f\n", what, bare.size(),
               Median(bare), Median(supervised),
               Median(supervised) / Median(bare));
}

void Starts(int count, int rounds) {
  std::vector<absl::Duration> bare;
  std::vector<absl::Duration> supervised;
  for (int i = 0; i < rounds; ++i) {
    bare.push_back(StartBare(kWorker, count));
    supervised.push_back(StartSupervised(kWorker, count));
  }
  Row(absl::StrFormat("start of %d", count), bare, supervised);
}

void Replacement(int rounds) {
  std::vector<absl::Duration> bare;
  for (int i = 0; i < rounds; ++i) bare.push_back(StartBare(kWorker, 1));
  Row("crash to replacement", bare, Replace(kWorker, rounds));
}

void RaiseOpenFiles() {
  rlimit limit;
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void Main() {
  RaiseOpenFiles();
  absl::PrintF("%-24s %8s %12s %12s %8s\n", "medians in ms", "rounds", "bare",
               "supervised", "ratio");
  Starts(1, 101);
  Starts(4, 51);
  Starts(16, 51);
  Starts(100, 21);
  Starts(1000, 7);
  Replacement(101);
}

}  // namespace
}  // namespace drover::bench

int main() { drover::bench::Main(); }
