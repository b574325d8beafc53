// The shell: runs the core in the real world. It feeds the core with facts and
// commands, carries its effects out in order, and wakes it when it wants to be
// woken. It never asks what state a worker is in.
#ifndef SUPERVISOR_OS_SHELL_H_
#define SUPERVISOR_OS_SHELL_H_

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/os/children.h"
#include "supervisor/os/forwarder.h"
#include "supervisor/os/generations.h"
#include "supervisor/os/output_router.h"
#include "supervisor/os/process_table.h"
#include "supervisor/output/store.h"

namespace drover::os {

struct ShellOptions {
  // Where the workers' lines are forwarded to; -1 = nowhere. Borrowed.
  int forward_fd = 1;
  // Adopt and reap descendants of workers whose parents died (children.h). Off
  // for an embedding program that has children of its own.
  bool adopt_orphans = true;
  // What was handed down and is kept of listeners; null = nothing. Borrowed.
  SocketStore* sockets = nullptr;
};

// Lives on the one thread that runs `io`; all calls come from there. Idle, it
// makes no system call. What is left of the workers is killed when it goes.
class Shell {
 public:
  // Ignores SIGPIPE and raises the limit on open files for the process. All
  // references are borrowed.
  Shell(asio::io_context& io, core::Supervisor& core, output::Store& store,
        ShellOptions options);
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  // As core::Supervisor's, with the effects carried out before they return,
  // except within one of the callbacks below: then right after it.
  //
  // An Apply opens the listeners of its pools before the core hears of it. If
  // one cannot be opened nothing has changed; the code says why
  // (InvalidArgument and AlreadyExists among others) and the message names it.
  absl::StatusOr<core::OperationId> Submit(const core::Command& command,
                                           absl::string_view caller);
  absl::Status Cancel(core::OperationId operation, absl::string_view caller);
  absl::Status Decide(absl::string_view pool, uint32_t slot,
                      config::v1::ExitAction action);
  absl::Status SendUserMessage(absl::string_view pool, uint32_t slot,
                               absl::string_view topic,
                               absl::string_view payload);

  // Makes `desired` (normalized and validated) the running configuration: an
  // Apply of what differs. `initial` as in core::Apply.
  absl::StatusOr<core::OperationId> ApplyConfig(
      const config::v1::Config& desired, absl::string_view caller,
      bool initial = false);

  // What is in force, with counts as last scaled; pools as the core has them,
  // the rest as last applied.
  config::v1::Config CurrentConfig() const;

  // Of the generation made last. Empty if there is no such pool.
  std::vector<NamedListener> Listeners(absl::string_view pool) const;

  // One observer each; it may call the shell. `on_finish` is called once, with
  // the exit code, when no process is left and none will be made.
  void OnNotice(std::function<void(const core::Notice&)> on_notice);
  void OnFinish(std::function<void(int)> on_finish);

  // Called after the core has heard a fact about a process.
  void OnFact(std::function<void(core::Incarnation)> on_fact);

  // The core's clock.
  absl::Time Now() const;

  // To be called on SIGCHLD (signals.h): reaps orphans, and tells the core of
  // workers that a signal has stopped or continued. An embedding program that
  // has children of its own does without.
  void OnChildSignal();

  // For others that start processes beside the workers' (the gateway).
  Children& children() { return children_; }
  // What they get as limit on open files.
  const std::optional<Limit>& open_files() const {
    return generations_.open_files();
  }

  // Writes what can be written of the workers' lines; before the process ends.
  void FlushOutput();

  // Everything that the shell holds for the core, written down for the program
  // that takes this one's place. Between two turns of the loop.
  // FailedPrecondition once the core has finished: nothing is left to go on
  // with.
  absl::Status Write(state::v1::Shell* to, FdLedger* fds);
  // Into a new shell whose core was read from the same state, which was found
  // coherent (handover/check.h). No descriptor is read or written before the
  // loop runs, and nothing is carried out before Resume(). A shell that must
  // not go on must not be destroyed either: its processes would be killed.
  void Read(const state::v1::Shell& from, FdIntake* fds);
  // Goes on.
  void Resume();

 private:
  absl::StatusOr<core::OperationId> SubmitApply(const core::Apply& apply,
                                                absl::string_view caller);

  void Feed(const core::Identity& worker, core::Event event);
  // Carries out what the core wants until it wants nothing more, unless that
  // goes on already further up the stack.
  void CarryOut();

  void Carry(const core::Spawn& effect);
  void Carry(core::Send& effect);
  void Carry(const core::Signal& effect);
  void Carry(const core::RetireGeneration& effect);
  void Carry(const core::RetirePool& effect);
  void Carry(const core::UpdatePool& effect);
  void Carry(const core::Notify& effect);
  void Carry(const core::Finish& effect);
  // Once nothing of the workers' groups is left, or at the latest in so long.
  void FinishSoon(int exit_code, absl::Time latest);

  // Lets go of what no spec in force names any more.
  void ReleaseUnnamed();

  void ArmTimer();
  void OnTimer();

  core::Supervisor& core_;
  output::Store& store_;
  Children children_;
  std::unique_ptr<Forwarder> forwarder_;
  OutputRouter router_;
  // Where the options have none.
  SocketStore no_sockets_;
  Generations generations_;
  // Pools of which a generation was retired.
  std::set<std::string> to_release_;
  config::v1::Supervisor supervisor_config_;

  std::function<void(const core::Notice&)> on_notice_;
  std::function<void(int)> on_finish_;
  std::function<void(core::Incarnation)> on_fact_;

  core::Effects pending_;
  bool carrying_out_ = false;
  asio::steady_timer timer_;
  // The core wants nothing more.
  bool finished_ = false;
  // What the timer waits for; infinite = nothing.
  absl::Time armed_ = absl::InfiniteFuture();
  // The timer's handler looks whether the shell lives.
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  // Last, so that it goes first: its processes use what is above.
  ProcessTable processes_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_SHELL_H_
