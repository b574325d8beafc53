// The work of a testee: connections to its listener. Each is a request from
// the moment it is taken until it is answered with "done", which it is at once,
// or, where requests are held, when the client sends a line.
#ifndef CONFORMANCE_TESTEE_REQUESTS_H_
#define CONFORMANCE_TESTEE_REQUESTS_H_

#include <poll.h>

#include <cstdint>
#include <list>
#include <vector>

namespace drover::conformance {

class Requests {
 public:
  explicit Requests(bool held) : held_(held) {}

  void SetListener(int fd) { listener_ = fd; }
  int listener() const { return listener_; }
  // Whether new ones are taken.
  void Open(bool open) { open_ = open; }

  uint32_t in_flight() const {
    return static_cast<uint32_t>(connections_.size());
  }
  // Gives all up.
  void Abandon();

  void AddTo(std::vector<pollfd>& polled) const;
  // Acts on those that are ready.
  void Handle(const std::vector<pollfd>& polled);

 private:
  void Take();
  static void Answer(int connection);

  bool held_;
  int listener_ = -1;
  bool open_ = false;
  std::list<int> connections_;
};

}  // namespace drover::conformance

#endif  // CONFORMANCE_TESTEE_REQUESTS_H_
