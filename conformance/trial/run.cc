#include "conformance/trial/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <string>

#include "absl/strings/str_cat.h"
#include "conformance/trial/descendants.h"
#include "conformance/trial/fd.h"
#include "conformance/trial/process.h"

namespace drover::conformance {
namespace {

using std::chrono::duration_cast;

// A trial that is under way, as its parent sees it.
struct Running {
  size_t index;
  pid_t pid;
  Fd result;
  Clock::time_point deadline;
  std::string bytes;
  bool overdue = false;
};

record::Case BrokenCase(const std::string& reason) {
  record::Case result;
  result.set_verdict(record::VERDICT_BROKEN);
  result.set_reason(reason);
  return result;
}

[[noreturn]] void RunHere(const TrialRequest& request, int result_fd,
                          pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  AdoptOrphans();
  ::signal(SIGPIPE, SIG_IGN);
  Trial trial(*request.plan, result_fd);
  request.body(trial);
  trial.Finish();
}

Running Launch(const std::vector<TrialRequest>& requests, size_t index) {
  auto [read_end, write_end] = Pipe();
  pid_t parent = ::getpid();
  pid_t pid = ::fork();
  if (pid == 0) RunHere(requests[index], write_end.get(), parent);
  return {index,
          pid,
          std::move(read_end),
          Clock::now() + requests[index].plan->CaseLimit(),
          "",
          false};
}

record::Case Conclude(Running& trial) {
  if (trial.pid < 0) return BrokenCase("no process for the case: fork failed");
  int status = 0;
  while (::waitpid(trial.pid, &status, 0) < 0 && errno == EINTR) {
  }
  record::Case result;
  if (trial.overdue) return BrokenCase("the case did not end in time");
  if (WIFSIGNALED(status)) {
    return BrokenCase(absl::StrCat("the case was ended by ",
                                   Describe(End{true, WTERMSIG(status)})));
  }
  if (trial.bytes.empty() || !result.ParseFromString(trial.bytes)) {
    return BrokenCase("the case left no verdict");
  }
  return result;
}

// Reads what there is; false at the end.
bool ReadSome(Running& trial) {
  char buffer[65536];
  ssize_t size = ::read(trial.result.get(), buffer, sizeof(buffer));
  if (size > 0) trial.bytes.append(buffer, static_cast<size_t>(size));
  return size > 0 || (size < 0 && errno == EINTR);
}

class Scheduler {
 public:
  Scheduler(const std::vector<TrialRequest>& requests, size_t parallel,
            const std::function<void(size_t, record::Case)>& done)
      : requests_(requests), parallel_(parallel), done_(done) {}

  void Run() {
    while (next_ < requests_.size() || !running_.empty()) {
      while (next_ < requests_.size() && running_.size() < parallel_) {
        running_.push_back(Launch(requests_, next_++));
      }
      Wait();
      KillOverdue();
    }
  }

 private:
  void Wait() {
    std::vector<pollfd> polled;
    Clock::time_point first = Clock::time_point::max();
    for (const Running& trial : running_) {
      polled.push_back({trial.result.get(), POLLIN, 0});
      if (!trial.overdue) first = std::min(first, trial.deadline);
    }
    auto left = duration_cast<Milliseconds>(first - Clock::now()).count();
    int wait = static_cast<int>(std::clamp<int64_t>(left + 1, 0, 60000));
    if (::poll(polled.data(), polled.size(), wait) <= 0) return;
    auto trial = running_.begin();
    for (const pollfd& each : polled) {
      auto current = trial++;
      if (each.revents == 0 || ReadSome(*current)) continue;
      Finish(current);
    }
  }

  void Finish(std::list<Running>::iterator trial) {
    record::Case result = Conclude(*trial);
    size_t index = trial->index;
    running_.erase(trial);
    // What the case could not clear away itself has become ours.
    if (result.verdict() == record::VERDICT_BROKEN) KillChildrenBut(Pids());
    done_(index, std::move(result));
  }

  void KillOverdue() {
    for (Running& trial : running_) {
      if (trial.overdue || Clock::now() < trial.deadline) continue;
      trial.overdue = true;
      ::kill(trial.pid, SIGKILL);
    }
  }

  std::vector<pid_t> Pids() const {
    std::vector<pid_t> pids;
    for (const Running& trial : running_) pids.push_back(trial.pid);
    return pids;
  }

  const std::vector<TrialRequest>& requests_;
  size_t parallel_;
  const std::function<void(size_t, record::Case)>& done_;
  std::list<Running> running_;
  size_t next_ = 0;
};

}  // namespace

void RunTrials(const std::vector<TrialRequest>& requests, int parallel,
               const std::function<void(size_t, record::Case)>& done) {
  AdoptOrphans();
  Scheduler(requests, static_cast<size_t>(std::max(parallel, 1)), done).Run();
}

}  // namespace drover::conformance
