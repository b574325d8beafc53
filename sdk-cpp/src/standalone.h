// A worker's handlers without a supervisor: the terminal's signals take its
// place.
#ifndef DROVER_SRC_STANDALONE_H_
#define DROVER_SRC_STANDALONE_H_

#include "drover/worker.h"

namespace drover {

class Standalone {
 public:
  Standalone();
  ~Standalone();
  Standalone(const Standalone&) = delete;
  Standalone& operator=(const Standalone&) = delete;

  // Start, wait for SIGTERM or SIGINT, stop, quit. A second signal ends it at
  // once. Returns the exit code.
  int Run(const Handlers& handlers);

  // What a handler left for later is done. From any thread.
  void Done();
  // Acts as if SIGTERM had come. From any thread.
  void Terminate();

 private:
  bool Wait(int fd) const;

  int signalled_;  // eventfds
  int done_;
};

}  // namespace drover

#endif  // DROVER_SRC_STANDALONE_H_
