#include "supervisor/core/testing/trace.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "supervisor/core/testing/trace_player.h"

namespace drover::core {

absl::StatusOr<std::string> PlayTrace(absl::string_view file,
                                      absl::string_view text) {
  TracePlayer player;
  std::string out;
  int number = 0;
  for (absl::string_view line :
       absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    ++number;
    if (absl::StartsWith(line, kTraceIndent)) continue;  // played anew
    absl::StrAppend(&out, line, "\n");
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    player.lines().clear();
    if (absl::Status status = player.Play(line); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", number, ": ", status.message()));
    }
    for (const std::string& done : player.lines()) {
      absl::StrAppend(&out, done, "\n");
    }
  }
  return out;
}

std::string CompareTraces(absl::string_view file, absl::string_view expected,
                          absl::string_view actual) {
  const std::vector<absl::string_view> want = absl::StrSplit(expected, '\n');
  const std::vector<absl::string_view> got = absl::StrSplit(actual, '\n');
  for (size_t i = 0; i < std::max(want.size(), got.size()); ++i) {
    const absl::string_view wanted = i < want.size() ? want[i] : "";
    const absl::string_view came = i < got.size() ? got[i] : "";
    if (wanted == came) continue;
    return absl::StrCat(file, ":", i + 1, "\n  expected: ", wanted,
                        "\n  actual:   ", came);
  }
  return "";
}

}  // namespace drover::core
