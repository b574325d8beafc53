// Asks a program whether it can take over from this one.
#ifndef SUPERVISOR_OS_TAKE_OVER_CHECK_H_
#define SUPERVISOR_OS_TAKE_OVER_CHECK_H_

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/os/child.h"
#include "supervisor/os/fd_watcher.h"
#include "supervisor/os/limits.h"

namespace drover::os {

// Runs the program as a child with kCheckFlag, a state to read and a pipe to
// answer on; trusts it with nothing: what it writes is bounded, how long it
// takes too, and however it ends is an answer. Not thread-safe.
class TakeOverCheck {
 public:
  static constexpr char kFlag[] = "--check-takeover";
  // In the child.
  static constexpr int kStateFd = 3;
  static constexpr int kAnswerFd = 4;

  struct Request {
    // An open program (O_PATH), and what it is called.
    int program = -1;
    std::string path;
    // Its command line, without kFlag.
    std::vector<std::string> arguments;
    // The sealed state.
    int state = -1;
    std::optional<Limit> open_files;
    absl::Duration limit = absl::Seconds(10);
  };
  // The answer, which may be a refusal; an error is the words for why there is
  // none. Called once, from the loop.
  using Done = std::function<void(absl::StatusOr<state::v1::TakeOverAnswer>)>;

  TakeOverCheck(asio::io_context& io, Children& children)
      : io_(io), children_(children), timer_(io) {}

  // An error: it could not be started, and `done` will not be called.
  absl::Status Start(const Request& request, Done done);

 private:
  // What comes over one pipe, up to a bound.
  struct Source {
    std::unique_ptr<FdWatcher> pipe;
    std::string bytes;
  };

  void Watch(UniqueFd fd, Source* source);
  void Read(Source* source);
  void OnExit();
  absl::StatusOr<state::v1::TakeOverAnswer> Verdict(const ExitStatus& status);
  // The last line that it wrote, for words.
  std::string LastLine() const;

  asio::io_context& io_;
  Children& children_;
  asio::steady_timer timer_;
  absl::Duration limit_;
  bool late_ = false;
  Source answer_;
  Source output_;
  std::unique_ptr<Child> child_;
  Done done_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_TAKE_OVER_CHECK_H_
