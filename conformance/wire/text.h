// Bytes of a peer, made fit for a report.
#ifndef CONFORMANCE_WIRE_TEXT_H_
#define CONFORMANCE_WIRE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::conformance {

// Printable ASCII, UTF-8 letters and line ends stay; control characters and
// broken UTF-8 become \xNN. Cut to `limit` bytes of input, with a note of how
// many more there were.
std::string Printable(absl::string_view bytes, size_t limit = 512);

// "00 00 00 05 68 65": at most the first 32 bytes.
std::string Hex(absl::string_view bytes);

// How many bytes at the end begin a code point that is not complete; 0 where
// the text ends at a border, or is no UTF-8 there anyway.
size_t CutCodePoint(absl::string_view text);

}  // namespace drover::conformance

#endif  // CONFORMANCE_WIRE_TEXT_H_
