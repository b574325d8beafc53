// A client of the worker under test: what it may take as work.
#ifndef CONFORMANCE_WORKER_CLIENT_H_
#define CONFORMANCE_WORKER_CLIENT_H_

#include <string>

#include "conformance/trial/fd.h"
#include "conformance/worker/subject.h"

namespace drover::conformance {

// A connection to the worker's listener. The worker that accepts need not
// speak any protocol that the suite knows: a connection that nobody took keeps
// the listening socket readable.
class Client {
 public:
  // Connects; the kernel completes that, whoever listens.
  explicit Client(Subject& subject);

  // A connection waits to be taken.
  bool Waiting() const;
  // It is taken; a miss of the clause where it is not.
  void ExpectTaken(absl::string_view clause);
  // It is not, though the worker has answered Pings since.
  void ExpectNotTaken(absl::string_view clause);

  // For testees that hold requests: the request is in flight, ...
  void ExpectHeld(absl::string_view clause);
  // ... may now be finished, ...
  void Release();
  // ... and was; or was given up.
  void ExpectServed(absl::string_view clause);

 private:
  // Reads a line; empty at the end of the connection or after the patience.
  std::string ReadLine();

  Subject& subject_;
  Fd socket_;
  std::string unread_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_WORKER_CLIENT_H_
