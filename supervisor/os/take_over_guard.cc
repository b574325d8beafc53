#include "supervisor/os/take_over_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace drover::os {
namespace {

constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS};
constexpr int kExitNeither = 70;  // EX_SOFTWARE
constexpr size_t kArgumentsMax = 64;
constexpr size_t kStackBytes = 64 * 1024;
constexpr size_t kCaught = std::size(kCrashes) + 1;

// Everything that is needed when it strikes, made before.
struct Prepared {
  bool armed = false;
  // Who armed it: a child that has not executed anything yet is not guarded.
  pid_t pid = 0;
  int former = -1;
  sigset_t mask;
  struct sigaction actions[kCaught];
  timer_t timer;
  const char* argv[kArgumentsMax + 1];
  char state[32];
  char why[512];
  size_t why_size = 0;
  const char* volatile step = "beginning";
  alignas(16) char stack[kStackBytes];
};
Prepared prepared;  // NOLINT: a signal handler finds nothing else

void Append(const char* text) {
  while (*text != '\0' && prepared.why_size + 1 < sizeof(prepared.why)) {
    prepared.why[prepared.why_size++] = *text++;
  }
  prepared.why[prepared.why_size] = '\0';
}

const char* NameOf(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    case SIGABRT:
      return "SIGABRT";
    case SIGSYS:
      return "SIGSYS";
    default:
      return "a signal";
  }
}

void Say(const char* text) {
  [[maybe_unused]] ssize_t written =
      ::write(STDERR_FILENO, text, ::strlen(text));
}

// `why` is complete.
[[noreturn]] void ExecuteFormer() {
  ::sigprocmask(SIG_SETMASK, &prepared.mask, nullptr);
  if (prepared.former >= 0) {
    ::syscall(SYS_execveat, prepared.former, "", prepared.argv, ::environ,
              AT_EMPTY_PATH);
  }
  Say("drover: error: the supervisor cannot go on after a failed upgrade: ");
  Say(prepared.why + sizeof(kFailedFlag) - 1);
  Say("; its workers end with it\n");
  ::_exit(kExitNeither);
}

void Strike(int signal) {
  if (!prepared.armed || prepared.pid != ::getpid()) ::_exit(kExitNeither);
  prepared.armed = false;
  Append(signal == SIGALRM ? "it hung while " : "it crashed (");
  if (signal != SIGALRM) {
    Append(NameOf(signal));
    Append(") while ");
  }
  Append(prepared.step);
  ExecuteFormer();
}

void OnExit() {
  if (prepared.armed && prepared.pid == ::getpid()) {
    TakeOverGuard::Fail(absl::StrCat("it ended while ", prepared.step));
  }
}

int CaughtSignal(size_t index) {
  return index < std::size(kCrashes) ? kCrashes[index] : SIGALRM;
}

void Catch() {
  struct sigaction action = {};
  action.sa_handler = &Strike;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  ::sigemptyset(&action.sa_mask);
  sigset_t caught;
  ::sigemptyset(&caught);
  for (size_t i = 0; i < kCaught; ++i) {
    ::sigaction(CaughtSignal(i), &action, &prepared.actions[i]);
    ::sigaddset(&caught, CaughtSignal(i));
  }
  ::sigprocmask(SIG_UNBLOCK, &caught, &prepared.mask);
}

void StartTimer(absl::Duration limit) {
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGALRM;
  // Not an interval timer, which would outlive an execve.
  ::timer_create(CLOCK_MONOTONIC, &event, &prepared.timer);
  itimerspec when = {};
  when.it_value = absl::ToTimespec(limit);
  ::timer_settime(prepared.timer, 0, &when, nullptr);
}

// A copy that lives as long as the process: it may be asked for at any time.
const char* Keep(const std::string& text) { return ::strdup(text.c_str()); }

void PrepareArguments(const TakeOverGuard::Plan& plan) {
  size_t count = 0;
  for (const std::string& argument : plan.arguments) {
    if (count + 3 > kArgumentsMax) break;
    prepared.argv[count++] = Keep(argument);
  }
  const std::string state = absl::StrCat(kTakeOverFlag, plan.state);
  state.copy(prepared.state, sizeof(prepared.state) - 1);
  prepared.argv[count++] = prepared.state;
  prepared.argv[count++] = prepared.why;
  prepared.argv[count] = nullptr;
}

}  // namespace

void TakeOverGuard::Arm(const Plan& plan) {
  PrepareArguments(plan);
  prepared.why_size = 0;
  Append(kFailedFlag);
  prepared.former = plan.former;
  prepared.pid = ::getpid();
  prepared.armed = true;
  stack_t stack = {};
  stack.ss_sp = prepared.stack;
  stack.ss_size = sizeof(prepared.stack);
  ::sigaltstack(&stack, nullptr);
  Catch();
  StartTimer(plan.limit);
  static const bool registered = std::atexit(&OnExit) == 0;
  static_cast<void>(registered);
}

void TakeOverGuard::At(const char* step) { prepared.step = step; }

void TakeOverGuard::Fail(absl::string_view why) {
  prepared.armed = false;
  const std::string text(why.substr(0, sizeof(prepared.why) / 2));
  Append(text.c_str());
  ExecuteFormer();
}

void TakeOverGuard::Disarm() {
  prepared.armed = false;
  ::timer_delete(prepared.timer);
  for (size_t i = 0; i < kCaught; ++i) {
    ::sigaction(CaughtSignal(i), &prepared.actions[i], nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &prepared.mask, nullptr);
  stack_t none = {};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
}

absl::Status ExecuteInPlace(int program,
                            const std::vector<std::string>& arguments) {
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) {
    argv.push_back(argument.c_str());
  }
  argv.push_back(nullptr);
  ::syscall(SYS_execveat, program, "", argv.data(), ::environ, AT_EMPTY_PATH);
  return absl::ErrnoToStatus(errno, "it cannot be executed");
}

}  // namespace drover::os
