// Owns a file descriptor.
#ifndef SUPERVISOR_BASE_UNIQUE_FD_H_
#define SUPERVISOR_BASE_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace drover {

// Closes its descriptor when it goes; -1 is none. Movable, not copyable.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

  void reset(int fd = -1) {
    // close() is never retried: on Linux the number is free after EINTR too.
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace drover

#endif  // SUPERVISOR_BASE_UNIQUE_FD_H_
