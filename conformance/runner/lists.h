// Lists of cases that are known to fail, or to be flaky.
//
//   # why
//   W-FR-04
//   W-RP-*      # the SDK sends no reports yet
#ifndef CONFORMANCE_RUNNER_LISTS_H_
#define CONFORMANCE_RUNNER_LISTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "conformance/trial/case.h"
#include "drover/conformance/record.pb.h"

namespace drover::conformance {

// Patterns of ids, one a line. InvalidArgument: one that matches no case of
// `all`, or is named twice; `name` is the file's.
absl::StatusOr<std::vector<std::string>> ParseList(
    absl::string_view text, absl::string_view name,
    const std::vector<const Case*>& all);

// Marks the cases that the lists name. A case on both counts as flaky.
void MarkExpectations(const std::vector<std::string>& failing,
                      const std::vector<std::string>& flaky, record::Run& run);

// Entries that named cases of this run, but none that could fail: all were not
// applicable. Such an entry proves nothing and may be out of date.
std::vector<std::string> IdleEntries(const std::vector<std::string>& list,
                                     const record::Run& run);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RUNNER_LISTS_H_
