#include "supervisor/os/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "supervisor/base/unique_fd.h"

namespace drover::os {

int ReadFile(const std::string& path, size_t max_bytes, std::string* content) {
  // O_NONBLOCK: a FIFO in its place must not stop the supervisor.
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return errno;
  content->clear();
  char buffer[4096];
  while (true) {
    ssize_t count = ::read(file.get(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return 0;
    content->append(buffer, static_cast<size_t>(count));
    if (content->size() > max_bytes) return EFBIG;
  }
}

}  // namespace drover::os
