#include "supervisor/config/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "supervisor/config/parse.h"
#include "supervisor/config/problem.h"

namespace drover::config {
namespace {

absl::Status Refuse(const std::string& path, std::string found,
                    std::string remedy) {
  return ToStatus({.found = std::move(found), .remedy = std::move(remedy)},
                  path, {});
}

absl::Status CannotRead(const std::string& path, int error) {
  return Refuse(path, absl::StrCat("cannot be read: ", ::strerror(error)),
                "name a file that this user may read");
}

// At most one byte more than is allowed, which tells that there is more.
int ReadUpToLimit(int fd, std::string* text) {
  text->resize(kFileSizeMax + 1);
  size_t filled = 0;
  while (filled < text->size()) {
    ssize_t count = ::read(fd, text->data() + filled, text->size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  text->resize(filled);
  return 0;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return CannotRead(path, errno);
  auto closer = absl::MakeCleanup([fd] { ::close(fd); });
  struct stat status;
  if (::fstat(fd, &status) != 0) return CannotRead(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Refuse(
        path, S_ISDIR(status.st_mode) ? "a directory" : "not a regular file",
        "name a file");
  }
  if (status.st_size > static_cast<off_t>(kFileSizeMax))
    return ToStatus(TooLarge(), path, {});
  std::string text;
  if (int error = ReadUpToLimit(fd, &text)) return CannotRead(path, error);
  if (text.size() > kFileSizeMax) return ToStatus(TooLarge(), path, {});
  return text;
}

}  // namespace drover::config
