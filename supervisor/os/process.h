// One incarnation: a worker's process with its channel and its output.
#ifndef SUPERVISOR_OS_PROCESS_H_
#define SUPERVISOR_OS_PROCESS_H_

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "supervisor/core/event.h"
#include "supervisor/core/ids.h"
#include "supervisor/os/child.h"
#include "supervisor/os/frame_channel.h"
#include "supervisor/os/launch_plan.h"
#include "supervisor/os/output_pipe.h"
#include "supervisor/output/store.h"

namespace drover::os {

// Turns what the process does into events, in the order of core/event.h, and
// judges nothing. Not thread-safe.
class Process {
 public:
  struct Callbacks {
    // Facts for the core. The last is Exited, without last_output; the process
    // may be destroyed from the loop then, but not within the call.
    std::function<void(const core::Identity&, core::Event)> event;
    // A line of the worker's.
    std::function<void(const core::Identity&, output::Stream,
                       absl::string_view)>
        line;
  };

  struct Pipes {
    UniqueFd channel;
    UniqueFd standard_output;
    UniqueFd standard_error;
  };

  Process(asio::io_context& io, Children& children, core::Identity identity,
          std::shared_ptr<const LaunchPlan> plan, SpawnedChild child,
          Pipes pipes, Callbacks callbacks);

  const core::Identity& identity() const { return identity_; }
  const LaunchPlan& plan() const { return *plan_; }
  pid_t pid() const { return child_.pid(); }

  void Send(const worker::v1::ToWorker& message);
  void SignalGroup(int signal) { child_.SignalGroup(signal); }
  void SignalAlone(int signal) { child_.SignalAlone(signal); }

  // Reads what the worker has written by now: for a loop that is late, before
  // it decides that an answer did not come in time.
  void ReadNow() { channel_.ReadNow(); }

  // Writes down everything but the plan; a new process on the same descriptors
  // that reads it goes on as this one.
  void Write(state::v1::Process* to, FdLedger* fds);
  void Read(const state::v1::Process& from);
  const std::shared_ptr<const LaunchPlan>& shared_plan() const { return plan_; }

 private:
  void OnFrame(absl::string_view body);
  void OnRejected(const absl::Status& status);
  void OnChannelClosed();
  void OnExit();

  core::Identity identity_;
  // Keeps what is pinned for the generation.
  std::shared_ptr<const LaunchPlan> plan_;
  Callbacks callbacks_;
  FrameChannel channel_;
  OutputPipe standard_output_;
  OutputPipe standard_error_;
  bool ended_ = false;
  Child child_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_PROCESS_H_
