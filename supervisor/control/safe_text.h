// Foreign text, safe to show and no longer than wanted.
#ifndef SUPERVISOR_CONTROL_SAFE_TEXT_H_
#define SUPERVISOR_CONTROL_SAFE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::control {

// As output::Sanitize; what goes beyond `max` bytes is replaced by "...".
std::string SafeText(absl::string_view raw, size_t max);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_SAFE_TEXT_H_
