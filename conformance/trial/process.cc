#include "conformance/trial/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover::conformance {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) {
    pointers.push_back(const_cast<char*>(word.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// First out of the way of one another, then to their places.
bool Place(const std::vector<Inherited>& fds) {
  int highest = 2;
  for (const Inherited& fd : fds) highest = std::max(highest, fd.number);
  std::vector<int> moved;
  for (const Inherited& fd : fds) {
    moved.push_back(::fcntl(fd.source, F_DUPFD_CLOEXEC, highest + 1));
    if (moved.back() < 0) return false;
  }
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  for (size_t i = 0; i < fds.size(); ++i) {
    if (::dup2(moved[i], fds[i].number) < 0) return false;
  }
  return true;
}

// As the kernel has it; nothing but the default action is set.
struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

// libc keeps two signals to itself, which a parent may have ignored.
void DefaultSignals() {
  const KernelAction plain = {SIG_DFL, 0, nullptr, 0};
  for (int number = 1; number <= 64; ++number) {
    ::syscall(SYS_rt_sigaction, number, &plain, nullptr, sizeof(plain.mask));
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the child: becomes the command, or writes errno to `report`.
[[noreturn]] void Execute(const Command& command, int report, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  std::vector<char*> argv = Pointers(command.argv);
  std::vector<char*> environment = Pointers(command.environment);
  int high = ::fcntl(report, F_DUPFD_CLOEXEC, 300);
  DefaultSignals();
  if (Place(command.fds)) ::execvpe(argv[0], argv.data(), environment.data());
  int error = errno;
  [[maybe_unused]] ssize_t written = ::write(high, &error, sizeof(error));
  ::_exit(127);
}

}  // namespace

std::string Describe(const End& end) {
  if (!end.by_signal) return absl::StrCat("exit code ", end.number);
  return absl::StrCat("signal ", end.number, " (", ::strsignal(end.number),
                      ")");
}

absl::StatusOr<Process> Process::Start(const Command& command) {
  auto [read_end, write_end] = Pipe();
  pid_t parent = ::getpid();
  pid_t pid = ::fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork");
  if (pid == 0) Execute(command, write_end.get(), parent);
  // Also here, so that the group is there whoever runs first.
  ::setpgid(pid, pid);
  Process process(pid, Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
  write_end.Close();
  int error = 0;
  ssize_t size = 0;
  while ((size = ::read(read_end.get(), &error, sizeof(error))) < 0 &&
         errno == EINTR) {
  }
  if (size == sizeof(error)) {
    return absl::ErrnoToStatus(error, command.argv[0]);
  }
  return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      end_(other.end_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(end_, other.end_);
  return *this;
}

Process::~Process() {
  if (pid_ < 0 || end_) return;
  SignalGroup(SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

void Process::Signal(int number) const {
  if (pid_ > 0 && !end_) ::kill(pid_, number);
}

void Process::SignalGroup(int number) const {
  if (pid_ > 0 && !end_) ::kill(-pid_, number);
}

std::optional<End> Process::Reap() {
  if (end_) return end_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  end_ = WIFSIGNALED(status) ? End{true, WTERMSIG(status)}
                             : End{false, WEXITSTATUS(status)};
  return end_;
}

std::vector<std::string> PlainEnvironment() {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!absl::StartsWith(*entry, "DROVER_")) environment.push_back(*entry);
  }
  return environment;
}

}  // namespace drover::conformance
