// A descriptor that is closed with its owner.
#ifndef CONFORMANCE_TRIAL_FD_H_
#define CONFORMANCE_TRIAL_FD_H_

#include <utility>

namespace drover::conformance {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd() { Close(); }

  int get() const { return number_; }
  bool open() const { return number_ >= 0; }
  void Close();

 private:
  int number_ = -1;
};

struct Pair {
  Fd first;
  Fd second;
};

// Both CLOEXEC; not open where the system refused.
Pair Pipe();
Pair SocketPair();

void SetNonBlocking(int fd);

// The other side of a socket has read all that was written to this one.
bool HasBeenRead(int fd);

}  // namespace drover::conformance

#endif  // CONFORMANCE_TRIAL_FD_H_
