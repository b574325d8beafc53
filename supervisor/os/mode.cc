#include "supervisor/os/mode.h"

#include <stdlib.h>

namespace drover::os {

mode_t ParseMode(const std::string& octal, mode_t otherwise) {
  if (octal.empty()) return otherwise;
  return static_cast<mode_t>(::strtoul(octal.c_str(), nullptr, 8));
}

}  // namespace drover::os
