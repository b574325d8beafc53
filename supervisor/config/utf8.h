// Well-formed UTF-8 (RFC 3629).
#ifndef SUPERVISOR_CONFIG_UTF8_H_
#define SUPERVISOR_CONFIG_UTF8_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace drover::config {

// Where the first byte stands that begins no well-formed character.
std::optional<size_t> FindInvalidUtf8(absl::string_view text);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_UTF8_H_
