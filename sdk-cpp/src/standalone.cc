#include "src/standalone.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace drover {
namespace {

volatile sig_atomic_t signal_target = -1;

void Add(int fd) {
  const uint64_t one = 1;
  // Fails only once 2^64 - 2 of them were not read.
  (void)!write(fd, &one, sizeof(one));
}

void OnSignal(int) {
  const int saved = errno;
  if (signal_target >= 0) Add(signal_target);
  errno = saved;
}

// SIGTERM and SIGINT add to an eventfd while it lives.
class SignalsTo {
 public:
  explicit SignalsTo(int fd) {
    signal_target = fd;
    struct sigaction action = {};
    action.sa_handler = OnSignal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, &former_term_);
    sigaction(SIGINT, &action, &former_int_);
  }
  ~SignalsTo() {
    sigaction(SIGTERM, &former_term_, nullptr);
    sigaction(SIGINT, &former_int_, nullptr);
    signal_target = -1;
  }

 private:
  struct sigaction former_term_;
  struct sigaction former_int_;
};

}  // namespace

Standalone::Standalone()
    : signalled_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      done_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Standalone::~Standalone() {
  close(signalled_);
  close(done_);
}

void Standalone::Done() { Add(done_); }

void Standalone::Terminate() { Add(signalled_); }

// true: `fd` was written to; false: a signal came instead.
bool Standalone::Wait(int fd) const {
  struct pollfd fds[] = {{fd, POLLIN, 0}, {signalled_, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  uint64_t count = 0;
  return read(fd, &count, sizeof(count)) > 0;
}

int Standalone::Run(const Handlers& handlers) {
  const SignalsTo signals(signalled_);
  const Event none(nullptr);
  if (handlers.start) {
    const absl::StatusOr<Answer> started = handlers.start(none);
    if (!started.ok()) {
      std::fprintf(stderr, "%s\n", started.status().ToString().c_str());
      return 1;
    }
  }
  if (!Wait(signalled_)) return 1;
  uint64_t early = 0;  // a start that was done later
  (void)!read(done_, &early, sizeof(early));
  if (handlers.stop && handlers.stop(none) == Answer::kLater && !Wait(done_)) {
    return 0;
  }
  if (handlers.quit && handlers.quit(none) == Answer::kLater) Wait(done_);
  return 0;
}

}  // namespace drover
