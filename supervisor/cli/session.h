// What every command that talks to the supervisor has: Ctrl-C in hand, a
// connection, and the way to make another.
#ifndef SUPERVISOR_CLI_SESSION_H_
#define SUPERVISOR_CLI_SESSION_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "supervisor/cli/client.h"
#include "supervisor/cli/interrupts.h"
#include "supervisor/cli/options.h"

namespace drover::cli {

class Session {
 public:
  // Blocks signals: make it before other threads.
  explicit Session(const Options& options);

  // Opens the connection, in place of one that broke. Streams of the former
  // must be gone.
  absl::Status Connect();

  // Connects again and again, for kPatience since NoteAnswer() or --timeout:
  // the gateway may be on its way back. The last error then.
  absl::Status Reconnect();

  // Something was heard: it is worth while to wait for more.
  void NoteAnswer() { lost_ = absl::InfiniteFuture(); }

  // After Connect() was OK.
  Client& client() { return *client_; }
  Interrupts& interrupts() { return interrupts_; }

  // When --timeout is over; InfiniteFuture without one.
  absl::Time deadline() const { return deadline_; }

 private:
  std::string socket_;
  absl::Duration patience_;
  absl::Time deadline_;
  // When the connection was first found broken since the last answer.
  absl::Time lost_ = absl::InfiniteFuture();
  Interrupts interrupts_;
  std::unique_ptr<Client> client_;
};

// How long a supervisor may take to answer at all, and its gateway to come
// back.
inline constexpr absl::Duration kPatience = absl::Seconds(10);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_SESSION_H_
