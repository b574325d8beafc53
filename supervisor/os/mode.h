// File modes as the configuration writes them.
#ifndef SUPERVISOR_OS_MODE_H_
#define SUPERVISOR_OS_MODE_H_

#include <sys/types.h>

#include <string>

namespace drover::os {

// An octal number in a string ("0022"), which validation has found to be one;
// `otherwise` if it is empty.
mode_t ParseMode(const std::string& octal, mode_t otherwise);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_MODE_H_
