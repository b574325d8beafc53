// Text for the formats that reports are written in.
#ifndef CONFORMANCE_REPORT_ESCAPE_H_
#define CONFORMANCE_REPORT_ESCAPE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drover::conformance {

// For XML and HTML, in elements and attributes. Control characters, which XML
// cannot hold at all, become question marks.
std::string EscapeMarkup(absl::string_view text);

// `text` with `indent` before each line.
std::string Indent(absl::string_view text, absl::string_view indent);

}  // namespace drover::conformance

#endif  // CONFORMANCE_REPORT_ESCAPE_H_
