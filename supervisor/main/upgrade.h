// The upgrade in place: another program is executed in this one's place, after
// it was asked whether it can take over.
#ifndef SUPERVISOR_MAIN_UPGRADE_H_
#define SUPERVISOR_MAIN_UPGRADE_H_

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "drover/admin/v1/admin.pb.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/base/unique_fd.h"
#include "supervisor/os/children.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/limits.h"
#include "supervisor/os/take_over_check.h"

namespace drover {

// The half of the program that goes; take_over.h has the other. Whatever fails
// before the other program runs changes nothing. Not thread-safe.
class InPlaceUpgrade {
 public:
  struct Options {
    // The command line, which the other program gets as well.
    std::vector<std::string> arguments;
    // What children get as limit on open files.
    std::optional<os::Limit> open_files;
  };
  struct Callbacks {
    // Writes everything down; nothing is half done while it is called.
    std::function<absl::Status(state::v1::Handover*, os::FdLedger*)> write;
    // last() has changed.
    std::function<void()> changed;
  };

  InPlaceUpgrade(asio::io_context& io, os::Children& children, Options options,
                 Callbacks callbacks);

  // Begins with the program at `binary`; empty = at the path that this one was
  // executed by. A core::Refusal has changed nothing.
  absl::Status Begin(const std::string& binary, absl::string_view caller);

  // Upgrades that went through.
  uint32_t done() const { return done_; }
  // The one under way, or the last; nullptr before the first.
  const admin::v1::Upgrade* last() const {
    return last_.number() == 0 ? nullptr : &last_;
  }

  void Write(state::v1::Program* to) const;
  // In the program that was executed: takes the upgrade over that led to it and
  // concludes it. `failed` says why it is the former program that goes on;
  // empty = it is the new one.
  void Conclude(const state::v1::Program& from, const std::string& failed);

 private:
  bool running() const;
  absl::Status Check(const std::string& path);
  absl::StatusOr<UniqueFd> WriteState(os::FdLedger* fds) const;
  void OnAnswer(absl::StatusOr<state::v1::TakeOverAnswer> answer);
  void Execute();
  // Returns only if it could not: then everything is as before.
  absl::Status TryExecute();
  void Fail(absl::string_view why);

  asio::io_context& io_;
  os::Children& children_;
  Options options_;
  Callbacks callbacks_;
  // Where the program is looked for when none is named.
  std::string path_;
  uint32_t done_ = 0;
  admin::v1::Upgrade last_;
  UniqueFd program_;
  std::unique_ptr<os::TakeOverCheck> check_;
};

}  // namespace drover

#endif  // SUPERVISOR_MAIN_UPGRADE_H_
