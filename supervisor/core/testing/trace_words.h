// What a worker says in a trace, from text to message.
#ifndef SUPERVISOR_CORE_TESTING_TRACE_WORDS_H_
#define SUPERVISOR_CORE_TESTING_TRACE_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::core {

// Splits at spaces; what stands in quotes is one word, with its quotes.
std::vector<std::string> SplitWords(absl::string_view line);

// "STARTED re 1", "Hello RESUME RELOAD", "Result FAILED re 3 \"no file\"".
absl::StatusOr<worker::v1::ToSupervisor> ParseWords(
    absl::Span<const std::string> words);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_TRACE_WORDS_H_
