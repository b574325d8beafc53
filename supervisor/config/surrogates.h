// The one thing JSON writes that YAML does not read.
#ifndef SUPERVISOR_CONFIG_SURROGATES_H_
#define SUPERVISOR_CONFIG_SURROGATES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drover::config {

// JSON escapes a character beyond U+FFFF as a pair, \ud83d\ude00; YAML as
// \U0001F600. Rewrites the pairs; single ones stay, for the reader to refuse.
std::string JoinSurrogates(absl::string_view json);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_SURROGATES_H_
