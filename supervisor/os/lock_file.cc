#include "supervisor/os/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace drover::os {
namespace {

// The former holder may remove the file between our open and our lock; then
// the lock is on a file that nobody else will ever find.
constexpr int kAttempts = 100;

bool IsStillAt(int fd, const std::string& path) {
  struct stat ours;
  struct stat there;
  return ::fstat(fd, &ours) == 0 && ::lstat(path.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

std::string ReadHolder(int fd) {
  char text[32];
  ssize_t size = ::pread(fd, text, sizeof(text), 0);
  if (size <= 0) return "unknown";
  return std::string(absl::StripSuffix(
      absl::string_view(text, static_cast<size_t>(size)), "\n"));
}

absl::Status WriteHolder(int fd, const std::string& path) {
  std::string text = absl::StrCat(::getpid(), "\n");
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, text.data(), text.size(), 0) < 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LockFile> LockFile::Acquire(const std::string& path) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    UniqueFd file(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.ok()) return absl::ErrnoToStatus(errno, path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, path);
      return absl::UnavailableError(ReadHolder(file.get()));
    }
    if (!IsStillAt(file.get(), path)) continue;
    if (absl::Status written = WriteHolder(file.get(), path); !written.ok()) {
      return written;
    }
    return LockFile(path, std::move(file));
  }
  return absl::AbortedError(absl::StrCat(path, ": removed again and again"));
}

absl::StatusOr<LockFile> LockFile::Adopt(const std::string& path,
                                         UniqueFd file) {
  if (!IsStillAt(file.get(), path) ||
      ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": not the lock"));
  }
  if (absl::Status written = WriteHolder(file.get(), path); !written.ok()) {
    return written;
  }
  return LockFile(path, std::move(file));
}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  return *this;
}

LockFile::~LockFile() {
  if (file_.ok()) ::unlink(path_.c_str());
}

}  // namespace drover::os
