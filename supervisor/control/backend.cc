#include "supervisor/control/backend.h"

#include "supervisor/control/refusals.h"

namespace drover::control {

absl::Status Backend::Upgrade(const std::string&, absl::string_view) {
  return CannotUpgrade();
}

}  // namespace drover::control
