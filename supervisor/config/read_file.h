// A configuration file's bytes.
#ifndef SUPERVISOR_CONFIG_READ_FILE_H_
#define SUPERVISOR_CONFIG_READ_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace drover::config {

// Reads a regular file of at most kFileSizeMax bytes. Never waits: a FIFO, a
// device or a directory is refused unread, and a large file after its size was
// asked. InvalidArgument, made of a Problem.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_READ_FILE_H_
