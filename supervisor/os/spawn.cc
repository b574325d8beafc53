#include "supervisor/os/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "supervisor/os/signals_blocked.h"

#ifdef DROVER_TSAN
// The C library's own, behind the one that TSan puts before it: that takes the
// child for a fork's and stops watching, in the memory that both share, the
// thread that made it.
extern "C" int __clone(int (*run)(void*), void* stack, int flags,
                       void* argument, ...);
#endif

namespace drover::os {
namespace {

// Instrumented code would write to shadow memory that the parent owns.
#define DROVER_CHILD_CODE \
  __attribute__((no_sanitize("address", "thread", "undefined")))

#ifdef DROVER_TSAN
constexpr auto kClone = &::__clone;
#else
constexpr auto kClone = &::clone;
#endif

constexpr size_t kStackSize = 64 * 1024;

// The child's stack until execve. One a thread, made once.
class ChildStack {
 public:
  ChildStack()
      : memory_(::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  ~ChildStack() {
    if (ok()) ::munmap(memory_, kStackSize);
  }
  ChildStack(const ChildStack&) = delete;
  ChildStack& operator=(const ChildStack&) = delete;

  bool ok() const { return memory_ != MAP_FAILED; }
  void* top() const { return static_cast<char*>(memory_) + kStackSize; }

 private:
  void* memory_;
};

// What parent and child share. Everything that needs memory is made before.
struct Context {
  const SpawnRequest* request = nullptr;
  // Copies of the sources, above every number that is asked for.
  int* high = nullptr;
  int first_high = 0;
  int high_directory = -1;
  int high_program = -1;
  // Set by the child.
  const char* volatile step = nullptr;
  volatile int error_number = 0;
};

DROVER_CHILD_CODE bool Fail(Context* context, const char* step) {
  context->error_number = errno;
  context->step = step;
  return false;
}

// As the kernel has it; the C library keeps two signals to itself.
DROVER_CHILD_CODE void SetDisposition(int signal, unsigned long handler) {
  unsigned long action[8] = {handler};
  ::syscall(SYS_rt_sigaction, signal, action, nullptr, sizeof(uint64_t));
}

DROVER_CHILD_CODE bool ResetSignals(Context* context) {
  if (::syscall(SYS_setpgid, 0, 0) != 0) return Fail(context, "setpgid");
  // What the terminal sent while the child was still in the supervisor's group
  // is pending, and was not meant for it: ignoring a signal discards it.
  for (int signal : {SIGINT, SIGQUIT, SIGTSTP, SIGHUP}) {
    SetDisposition(signal, 1 /* SIG_IGN */);
  }
  for (int signal = 1; signal <= 64; ++signal) {
    SetDisposition(signal, 0 /* SIG_DFL */);
  }
  return true;
}

DROVER_CHILD_CODE int DuplicateHigh(const Context* context, int fd) {
  return static_cast<int>(
      ::syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, context->first_high));
}

// In three passes, since a source may have the number that another one wants.
DROVER_CHILD_CODE bool PlaceDescriptors(Context* context) {
  const absl::Span<const InheritedFd>& fds = context->request->fds;
  for (size_t i = 0; i < fds.size(); ++i) {
    context->high[i] = DuplicateHigh(context, fds[i].source);
    if (context->high[i] < 0) return Fail(context, "dup");
  }
  if (context->request->directory >= 0) {
    context->high_directory =
        DuplicateHigh(context, context->request->directory);
    if (context->high_directory < 0) return Fail(context, "dup");
  }
  if (context->request->program >= 0) {
    context->high_program = DuplicateHigh(context, context->request->program);
    if (context->high_program < 0) return Fail(context, "dup");
  }
  // Everything is CLOEXEC already, except what someone else in this process
  // (an embedding program) opened without it.
  ::syscall(SYS_close_range, 0u, ~0u, CLOSE_RANGE_CLOEXEC);
  for (size_t i = 0; i < fds.size(); ++i) {
    if (::syscall(SYS_dup3, context->high[i], fds[i].number, 0) < 0) {
      return Fail(context, "dup");
    }
  }
  return true;
}

DROVER_CHILD_CODE bool SetLimits(Context* context) {
  for (const Limit& limit : context->request->limits) {
    if (::syscall(SYS_prlimit64, 0, limit.resource, &limit.value, nullptr) !=
        0) {
      return Fail(context, "setrlimit");
    }
  }
  return true;
}

DROVER_CHILD_CODE bool SetCredentials(Context* context) {
  const Credentials* credentials = context->request->credentials;
  if (credentials == nullptr) return true;
  gid_t gid = credentials->gid;
  uid_t uid = credentials->uid;
  if (::syscall(SYS_setgroups, credentials->groups.size(),
                credentials->groups.data()) != 0) {
    return Fail(context, "setgroups");
  }
  if (::syscall(SYS_setresgid, gid, gid, gid) != 0) {
    return Fail(context, "setresgid");
  }
  if (::syscall(SYS_setresuid, uid, uid, uid) != 0) {
    return Fail(context, "setresuid");
  }
  return true;
}

DROVER_CHILD_CODE bool EnterDirectory(Context* context) {
  int directory = context->high_directory;
  if (directory >= 0 && ::syscall(SYS_fchdir, directory) != 0) {
    return Fail(context, "chdir");
  }
  return true;
}

DROVER_CHILD_CODE bool Execute(Context* context) {
  const SpawnRequest& request = *context->request;
  if (request.umask) ::syscall(SYS_umask, *request.umask);
  uint64_t no_signals = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr,
            sizeof(no_signals));
  if (context->high_program >= 0) {
    ::syscall(SYS_execveat, context->high_program, "", request.argv,
              request.envp, AT_EMPTY_PATH);
  } else {
    ::syscall(SYS_execve, request.path, request.argv, request.envp);
  }
  return Fail(context, "execve");
}

// Runs in the parent's memory: system calls only. Limits are set while there is
// still the right to raise them, and behind the duplicates they might forbid.
DROVER_CHILD_CODE int ChildMain(void* argument) {
  auto* context = static_cast<Context*>(argument);
  ResetSignals(context) && PlaceDescriptors(context) && SetLimits(context) &&
      SetCredentials(context) && EnterDirectory(context) && Execute(context);
  ::syscall(SYS_exit_group, 127);
  return 127;
}

int FirstHigh(absl::Span<const InheritedFd> fds) {
  int highest = 2;
  for (const InheritedFd& fd : fds) highest = std::max(highest, fd.number);
  return highest + 1;
}

}  // namespace

std::variant<SpawnedChild, SpawnError> Spawn(const SpawnRequest& request) {
  thread_local ChildStack stack;
  if (!stack.ok()) return SpawnError{"mmap", ENOMEM};
  std::vector<int> high(request.fds.size(), -1);
  Context context;
  context.request = &request;
  context.high = high.data();
  context.first_high = FirstHigh(request.fds);

  int pidfd = -1;
  pid_t pid = -1;
  int clone_error = 0;
  {
    // No handler of the parent may run in the child.
    SignalsBlocked blocked;
    pid = kClone(ChildMain, stack.top(),
                 CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &context,
                 &pidfd);
    clone_error = errno;
  }
  if (pid < 0) return SpawnError{"clone", clone_error};
  SpawnedChild child{.pid = pid, .pidfd = UniqueFd(pidfd)};
  if (context.step == nullptr) return child;
  siginfo_t info;
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED) != 0 &&
         errno == EINTR) {
  }
  return SpawnError{context.step, context.error_number};
}

}  // namespace drover::os
