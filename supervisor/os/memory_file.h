// Bytes in memory, behind a descriptor that another program can read.
#ifndef SUPERVISOR_OS_MEMORY_FILE_H_
#define SUPERVISOR_OS_MEMORY_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "supervisor/base/unique_fd.h"

namespace drover::os {

// Sealed: nobody can change, shorten or lengthen it any more. Close-on-exec.
absl::StatusOr<UniqueFd> MakeSealedFile(const char* name,
                                        absl::string_view bytes);

// The whole of it, wherever its offset is. InvalidArgument if it is not sealed
// (and so may change under the reader), or larger than `max_bytes`.
absl::StatusOr<std::string> ReadSealedFile(int fd, size_t max_bytes);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_MEMORY_FILE_H_
