// The shell, written down for another program and taken over from one.
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "supervisor/os/shell.h"

namespace drover::os {
namespace {

void WriteLine(const output::Line& from, state::v1::Line* to) {
  to->mutable_worker()->set_pool(from.pool);
  to->mutable_worker()->set_slot(from.slot);
  to->mutable_worker()->set_generation(from.generation);
  to->mutable_worker()->set_incarnation(from.incarnation);
  to->set_standard_error(from.stream == output::Stream::kStderr);
  to->set_time(absl::ToUnixNanos(from.time));
  to->set_text(from.text);
}

output::Line ReadLine(const state::v1::Line& from) {
  return {.pool = from.worker().pool(),
          .slot = from.worker().slot(),
          .generation = from.worker().generation(),
          .incarnation = from.worker().incarnation(),
          .stream = from.standard_error() ? output::Stream::kStderr
                                          : output::Stream::kStdout,
          .time = absl::FromUnixNanos(from.time()),
          .text = from.text()};
}

}  // namespace

absl::Status Shell::Write(state::v1::Shell* to, FdLedger* fds) {
  if (finished_) {
    return absl::FailedPreconditionError(
        "everything is shut down: nothing is left to go on with");
  }
  const auto indices = generations_.Write(processes_.Plans(), to, fds);
  processes_.Write(
      [&indices](const LaunchPlan* plan) { return indices.at(plan); }, to, fds);
  absl::Status output = router_.Write(to, fds);
  if (!output.ok()) return output;
  if (forwarder_ != nullptr) forwarder_->Write(to->mutable_forwarder());
  for (const output::Line& line :
       store_.Tail("", std::nullopt, output::Store::kLinesPerSlot)) {
    WriteLine(line, to->add_lines());
  }
  *to->mutable_supervisor() = supervisor_config_;
  for (const std::string& pool : to_release_) to->add_to_release(pool);
  return absl::OkStatus();
}

void Shell::Read(const state::v1::Shell& from, FdIntake* fds) {
  const auto plans = generations_.Read(from, fds);
  processes_.Read(from, plans, fds);
  router_.Read(from, fds);
  if (forwarder_ != nullptr) forwarder_->Read(from.forwarder());
  for (const state::v1::Line& line : from.lines()) {
    store_.Append(ReadLine(line));
  }
  supervisor_config_ = from.supervisor();
  to_release_ = {from.to_release().begin(), from.to_release().end()};
}

void Shell::Resume() {
  router_.Resume();
  // A signal about them may have come to nobody meanwhile.
  OnChildSignal();
  CarryOut();
}

}  // namespace drover::os
