// A supervisor in a test: holds one session, writes ToWorker to it, reads
// ToSupervisor from it, and owns the clock.
#ifndef DROVER_TESTS_PEER_H_
#define DROVER_TESTS_PEER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "drover.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover_tests {

using ::drover::worker::v1::ToSupervisor;
using ::drover::worker::v1::ToWorker;

std::string Frame(absl::string_view body);
std::string Frame(const ToWorker& message);

// Parses protobuf's text format; fails the test if it is none.
ToWorker Message(const std::string& text);

class Peer {
 public:
  // Offers these capabilities; Welcome will agree to all of them.
  explicit Peer(std::initializer_list<uint32_t> capabilities = {});
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  drover_session* session() { return session_; }
  int state() const { return drover_session_state(session_); }
  int64_t now = 1000;

  // Takes Hello, sends Welcome with these times, takes the event.
  void Welcome();
  // Welcome, then Start with op 1, and the program says STARTED.
  void Start();

  // Frames of ToWorker in protobuf's text format.
  void Send(const std::string& text);
  void SendBytes(absl::string_view bytes);

  // The next event's kind; its content is event().
  int Next();
  const drover_event* event() const { return event_; }

  // What the session wrote since the last call, a message a string, in
  // protobuf's text format on one line.
  std::vector<std::string> Sent();

 private:
  std::vector<uint32_t> capabilities_;
  drover_session* session_ = nullptr;
  const drover_event* event_ = nullptr;
};

}  // namespace drover_tests

#endif  // DROVER_TESTS_PEER_H_
