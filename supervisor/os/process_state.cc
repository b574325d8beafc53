// Processes, written down for another program and taken over from one.
#include <utility>
#include <vector>

#include "supervisor/os/process.h"
#include "supervisor/os/process_table.h"

namespace drover::os {

void Process::Write(state::v1::Process* to, FdLedger* fds) {
  to->mutable_id()->set_pool(identity_.pool);
  to->mutable_id()->set_slot(identity_.slot);
  to->mutable_id()->set_generation(identity_.generation);
  to->mutable_id()->set_incarnation(identity_.incarnation);
  to->set_pid(child_.pid());
  to->set_pidfd(fds->CarryPidfd(child_.pidfd(), child_.pid()));
  channel_.Write(to->mutable_channel(), fds);
  standard_output_.Write(to->mutable_standard_output(), fds);
  standard_error_.Write(to->mutable_standard_error(), fds);
}

void Process::Read(const state::v1::Process& from) {
  channel_.Read(from.channel());
  standard_output_.Read(from.standard_output());
  standard_error_.Read(from.standard_error());
}

std::vector<std::shared_ptr<const LaunchPlan>> ProcessTable::Plans() const {
  std::vector<std::shared_ptr<const LaunchPlan>> plans;
  for (const auto& [incarnation, process] : processes_) {
    plans.push_back(process->shared_plan());
  }
  return plans;
}

void ProcessTable::Write(
    const std::function<uint32_t(const LaunchPlan*)>& index,
    state::v1::Shell* to, FdLedger* fds) {
  for (const auto& [incarnation, process] : processes_) {
    state::v1::Process* written = to->add_processes();
    process->Write(written, fds);
    written->set_plan(index(&process->plan()));
  }
  for (pid_t group : groups_.groups()) to->add_ended_groups(group);
}

void ProcessTable::Read(
    const state::v1::Shell& from,
    const std::vector<std::shared_ptr<const LaunchPlan>>& plans,
    FdIntake* fds) {
  for (const state::v1::Process& process : from.processes()) {
    const state::v1::Identity& id = process.id();
    Add({id.pool(), id.slot(), id.generation(), id.incarnation()},
        plans[process.plan()],
        {.pid = process.pid(), .pidfd = fds->Take(process.pidfd())},
        {.channel = fds->Take(process.channel().fd()),
         .standard_output = fds->Take(process.standard_output().fd()),
         .standard_error = fds->Take(process.standard_error().fd())});
    Find(id.incarnation())->Read(process);
  }
  for (int32_t group : from.ended_groups()) groups_.Add(group);
}

}  // namespace drover::os
