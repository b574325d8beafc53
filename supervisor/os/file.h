// Small files.
#ifndef SUPERVISOR_OS_FILE_H_
#define SUPERVISOR_OS_FILE_H_

#include <cstddef>
#include <string>

namespace drover::os {

// Reads a whole file (of /proc too) into `content`. Returns 0, or an errno:
// EFBIG if it is larger than `max_bytes`.
int ReadFile(const std::string& path, size_t max_bytes, std::string* content);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_FILE_H_
