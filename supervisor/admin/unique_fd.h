// A descriptor that closes itself.
#ifndef SUPERVISOR_ADMIN_UNIQUE_FD_H_
#define SUPERVISOR_ADMIN_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace drover::admin {

class UniqueFd {
 public:
  UniqueFd() = default;
  // Takes `fd` over; a negative one means none.
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    if (valid()) ::close(fd_);
  }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }
  // Gives it away: the caller closes it.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_UNIQUE_FD_H_
