#include "supervisor/handover/references.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"

namespace drover::handover {
namespace {

// Collects what is wrong: the first is kept, the rest is read on with.
class References {
 public:
  explicit References(const state::v1::Handover& handover)
      : handover_(handover), shell_(handover.shell()) {}

  absl::Status Check() {
    ListDescriptors();
    CheckListeners();
    CheckPlans();
    CheckProcesses();
    CheckWorkers();
    CheckOutputs();
    CheckProgram();
    for (const auto& [number, uses] : uses_) {
      if (uses == 0) {
        Add(absl::StrCat("descriptor ", number, " is used by nobody"));
      }
    }
    return status_;
  }

 private:
  void Add(absl::string_view what) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(
        absl::StrCat("the state contradicts itself: ", what));
  }

  void ListDescriptors() {
    for (const state::v1::Descriptor& one : handover_.descriptors()) {
      if (one.number() < 0 || !uses_.emplace(one.number(), 0).second) {
        Add(absl::StrCat("descriptor ", one.number(), " is listed twice"));
      }
      if (one.pid() != 0) pids_[one.number()] = one.pid();
    }
  }

  void Use(int32_t number, absl::string_view what) {
    auto found = uses_.find(number);
    if (found == uses_.end()) {
      Add(absl::StrCat(what, ": descriptor ", number, " is not listed"));
    } else if (++found->second > 1) {
      Add(absl::StrCat(what, ": descriptor ", number, " is somebody else's"));
    }
  }

  void UseIfOpen(int32_t number, absl::string_view what) {
    if (number != -1) Use(number, what);
  }

  void Use(const state::v1::UnixSocket& socket, absl::string_view what) {
    if (socket.path().empty() ||
        socket.lock_path().empty() != (socket.lock() == -1)) {
      Add(absl::StrCat(what, ": a unix socket without its path"));
    }
    Use(socket.socket(), what);
    UseIfOpen(socket.lock(), what);
  }

  template <typename Index>
  void CheckIndex(Index index, int size, absl::string_view what) {
    if (index >= static_cast<Index>(size)) {
      Add(absl::StrCat(what, " ", index, " of ", size));
    }
  }

  void CheckListeners() {
    std::set<std::string> keys;
    for (const state::v1::Listener& one : shell_.listeners()) {
      if (!keys.insert(one.key()).second) Add("listeners: one address twice");
      if (one.has_unix()) {
        Use(one.unix(), "listeners");
      } else {
        Use(one.tcp(), "listeners");
      }
    }
    for (const state::v1::HeldListeners& held : shell_.held()) {
      CheckNamed(held.listeners(), "held");
    }
  }

  template <typename Listeners>
  void CheckNamed(const Listeners& listeners, absl::string_view what) {
    for (const state::v1::NamedListener& one : listeners) {
      CheckIndex(one.listener(), shell_.listeners_size(),
                 absl::StrCat(what, ": listener"));
    }
  }

  void CheckPlans() {
    for (const state::v1::LaunchPlan& plan : shell_.plans()) {
      if (plan.arguments().empty() || plan.path().empty()) {
        Add("plans: one without a program");
      }
      UseIfOpen(plan.directory_fd(), "plans");
      CheckNamed(plan.listeners(), "plans");
    }
    for (const state::v1::GenerationPlan& one : shell_.generations()) {
      CheckIndex(one.plan(), shell_.plans_size(), "generations: plan");
    }
  }

  void CheckProcesses() {
    std::set<int32_t> pids;
    for (const state::v1::Process& process : shell_.processes()) {
      const std::string what =
          absl::StrCat("processes: incarnation ", process.id().incarnation());
      if (process.pid() <= 1 || !pids.insert(process.pid()).second) {
        Add(absl::StrCat(what, ": pid ", process.pid()));
      }
      if (!processes_.emplace(process.id().incarnation(), process.pid())
               .second) {
        Add(absl::StrCat(what, ": there twice"));
      }
      Use(process.pidfd(), what);
      if (pids_[process.pidfd()] != process.pid()) {
        Add(absl::StrCat(what, ": its pidfd is another's"));
      }
      UseIfOpen(process.channel().fd(), what);
      UseIfOpen(process.standard_output().fd(), what);
      UseIfOpen(process.standard_error().fd(), what);
      CheckIndex(process.plan(), shell_.plans_size(), what + ": plan");
      CheckQueue(process.channel(), what);
    }
  }

  void CheckQueue(const state::v1::Channel& channel, const std::string& what) {
    const uint64_t first =
        channel.queue().empty() ? 1 : uint64_t{channel.queue(0).size()};
    if (channel.written() >= first) Add(what + ": its queue");
    for (const std::string& frame : channel.queue()) {
      if (frame.empty()) Add(what + ": its queue");
    }
  }

  // Between two turns each worker of the core has its process, and each process
  // its worker.
  void CheckWorkers() {
    for (const state::v1::Worker& worker : handover_.core().workers()) {
      auto process = processes_.find(worker.id().incarnation());
      if (process == processes_.end() || process->second != worker.pid()) {
        Add(absl::StrCat("worker ", worker.id().pool(), "/", worker.id().slot(),
                         " has no process"));
      } else {
        processes_.erase(process);
      }
    }
    if (!processes_.empty()) {
      Add(absl::StrCat("process ", processes_.begin()->second,
                       " is no worker's"));
    }
  }

  void CheckOutputs() {
    for (const state::v1::OutputFile& file : shell_.files()) {
      if (file.path().empty()) Add("files: one without a path");
      UseIfOpen(file.fd(), "files");
    }
    for (const state::v1::PoolOutput& output : shell_.outputs()) {
      for (const state::v1::SlotFile& file : output.files()) {
        CheckIndex(file.file(), shell_.files_size(), "outputs: file");
      }
    }
  }

  void CheckProgram() {
    const state::v1::Program& program = handover_.program();
    if (program.has_admin_socket()) {
      Use(program.admin_socket(), "admin socket");
    }
    for (const state::v1::NamedDescriptor& other : program.others()) {
      Use(other.number(), absl::StrCat("others: ", other.name()));
    }
    if (handover_.control().session().empty()) Add("no session");
    if (handover_.control().first_event() == 0) Add("no event's number");
  }

  const state::v1::Handover& handover_;
  const state::v1::Shell& shell_;
  absl::Status status_;
  // How often each listed descriptor is used, and whom a pidfd is of.
  std::map<int32_t, int> uses_;
  std::map<int32_t, int32_t> pids_;
  // By incarnation.
  std::map<uint64_t, int32_t> processes_;
};

}  // namespace

absl::Status CheckReferences(const state::v1::Handover& handover) {
  return References(handover).Check();
}

}  // namespace drover::handover
