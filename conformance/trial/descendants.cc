#include "conformance/trial/descendants.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "conformance/trial/fd.h"

namespace drover::conformance {
namespace {

// A process that forks as fast as it is killed is given up at some point; its
// group and the death signal end what is left.
constexpr int kRounds = 100;

struct Stat {
  pid_t parent = 0;
  char state = 'Z';
};

// The two numbers behind the program's name, which may hold any byte.
Stat ReadStat(pid_t pid) {
  std::string text = ReadProc(pid, "stat");
  size_t end = text.rfind(')');
  Stat stat;
  if (end == std::string::npos) return stat;
  std::istringstream(text.substr(end + 1)) >> stat.state >> stat.parent;
  return stat;
}

template <typename Visit>
void EachProcess(Visit visit) {
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return;
  while (const dirent* entry = ::readdir(proc)) {
    int pid = 0;
    if (absl::SimpleAtoi(entry->d_name, &pid)) visit(pid, ReadStat(pid));
  }
  ::closedir(proc);
}

bool Has(const std::vector<pid_t>& list, pid_t pid) {
  return std::find(list.begin(), list.end(), pid) != list.end();
}

}  // namespace

std::string ReadProc(pid_t pid, absl::string_view name) {
  std::string text;
  Fd file(::open(absl::StrCat("/proc/", pid, "/", name).c_str(),
                 O_RDONLY | O_CLOEXEC));
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::read(file.get(), buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(size));
  }
  return text;
}

void AdoptOrphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }

std::vector<pid_t> LiveChildren() { return LiveChildrenOf(::getpid()); }

std::vector<pid_t> LiveChildrenOf(pid_t parent) {
  std::vector<pid_t> children;
  EachProcess([&](pid_t pid, const Stat& stat) {
    if (stat.parent == parent && stat.state != 'Z') children.push_back(pid);
  });
  return children;
}

bool IsRunning(pid_t pid) {
  char state = ReadStat(pid).state;
  return state != 'Z' && state != 'X';
}

std::chrono::milliseconds WaitedForCpu(pid_t pid) {
  int64_t running = 0;
  int64_t waiting = 0;
  std::istringstream(ReadProc(pid, "schedstat")) >> running >> waiting;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::nanoseconds(waiting));
}

bool IsAsleep(pid_t pid) { return ReadStat(pid).state == 'S'; }

bool IsStopped(pid_t pid) { return ReadStat(pid).state == 'T'; }

void KillChildrenBut(const std::vector<pid_t>& spared) {
  for (int round = 0; round < kRounds; ++round) {
    std::vector<pid_t> left;
    EachProcess([&](pid_t pid, const Stat& stat) {
      if (stat.parent == ::getpid() && !Has(spared, pid)) left.push_back(pid);
    });
    if (left.empty()) return;
    for (pid_t pid : left) ::kill(pid, SIGKILL);
    for (pid_t pid : left) ::waitpid(pid, nullptr, 0);
  }
}

}  // namespace drover::conformance
