// A lock that ends with the process that holds it.
#ifndef SUPERVISOR_OS_LOCK_FILE_H_
#define SUPERVISOR_OS_LOCK_FILE_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "supervisor/base/unique_fd.h"

namespace drover::os {

// Holds an exclusive flock on a file that names the holder's pid. However the
// holder ends, the lock ends with it; a file left behind locks nothing.
class LockFile {
 public:
  // Unavailable: another process holds it; the message is its pid, as far as
  // it can be read. Any other error is the file's own.
  static absl::StatusOr<LockFile> Acquire(const std::string& path);

  // Goes on with a lock that was handed down by its former holder, who has
  // ended. FailedPrecondition: `file` is not, or not any more, the lock at
  // `path`.
  static absl::StatusOr<LockFile> Adopt(const std::string& path, UniqueFd file);

  // The lock that another program of this process has acquired, unseen.
  static LockFile TakeOver(std::string path, UniqueFd file) {
    return LockFile(std::move(path), std::move(file));
  }

  LockFile() = default;
  LockFile(LockFile&&) = default;
  LockFile& operator=(LockFile&& other) noexcept;
  // Removes the file and releases the lock.
  ~LockFile();

  int fd() const { return file_.get(); }

  const std::string& path() const { return path_; }

 private:
  LockFile(std::string path, UniqueFd file)
      : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  UniqueFd file_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_LOCK_FILE_H_
