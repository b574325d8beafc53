// Text from workers, made safe to show.
#ifndef SUPERVISOR_OUTPUT_SANITIZE_H_
#define SUPERVISOR_OUTPUT_SANITIZE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drover::output {

// Valid UTF-8 without control characters: C0 (but tab), DEL, C1, bidirectional
// overrides and bytes that are not UTF-8 become \xNN (of each byte) or
// \u{NNNN}; everything else stays. Never longer than 8 times the input.
std::string Sanitize(absl::string_view raw);

}  // namespace drover::output

#endif  // SUPERVISOR_OUTPUT_SANITIZE_H_
