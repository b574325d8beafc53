// Orders for the supervisor, over a unix socket in its directory: one line
// each, answered with "done" or "failed"; or "ends", for a line at each end of
// a worker.
#ifndef CONFORMANCE_SUPERVISOR_TESTEE_CONTROL_H_
#define CONFORMANCE_SUPERVISOR_TESTEE_CONTROL_H_

#include <poll.h>

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "conformance/supervisor_testee/worker.h"
#include "conformance/trial/fd.h"

namespace drover::conformance {

class Control {
 public:
  // Whether an order was carried out; nullopt while it is under way.
  using Outcome = std::function<std::optional<bool>()>;
  // Carries an order out, or begins to; no outcome: it is not known.
  using Begin = std::function<Outcome(const std::string& order)>;

  Control(const std::string& path, Begin begin);

  void AddTo(std::vector<pollfd>& polled) const;
  // Takes what has come.
  void Handle();
  // Answers the orders that are done.
  void Settle();
  void Publish(const EndReport& report);

 private:
  struct Client {
    Fd fd;
    Outcome outcome;
    bool watches = false;
    bool gone = false;
  };

  void Read(Client& client);

  Begin begin_;
  Fd socket_;
  std::list<Client> clients_;
};

// Gives an order to the supervisor that listens at `path`; the exit code of
// the program that does so. 64: the supervisor knows no such order.
int GiveOrder(const std::string& path, const std::string& order);

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_TESTEE_CONTROL_H_
