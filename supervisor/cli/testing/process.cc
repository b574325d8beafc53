#include "supervisor/cli/testing/process.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace drover::cli {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) {
    pointers.push_back(const_cast<char*>(word.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::string Content(int file) {
  std::string content;
  char buffer[4096];
  off_t offset = 0;
  for (;;) {
    ssize_t size = ::pread(file, buffer, sizeof(buffer), offset);
    if (size <= 0) return content;
    content.append(buffer, static_cast<size_t>(size));
    offset += size;
  }
}

// What a terminal has to say within a moment.
void Drain(int master, std::string* screen) {
  pollfd poll = {master, POLLIN, 0};
  char buffer[4096];
  while (::poll(&poll, 1, 10) == 1 && (poll.revents & POLLIN) != 0) {
    ssize_t size = ::read(master, buffer, sizeof(buffer));
    if (size <= 0) return;
    screen->append(buffer, static_cast<size_t>(size));
  }
}

int OpenTerminal(int* master) {
  winsize size = {24, 80, 0, 0};
  int slave = -1;
  if (::openpty(master, &slave, nullptr, nullptr, &size) != 0) return -1;
  ::fcntl(*master, F_SETFD, FD_CLOEXEC);
  return slave;
}

}  // namespace

Process::Process(const std::string& program,
                 const std::vector<std::string>& args,
                 const std::vector<std::string>& environment, bool terminal)
    : terminal_(terminal) {
  int out = -1;
  if (terminal) {
    out = OpenTerminal(&out_);
  } else {
    out_ = ::memfd_create("stdout", MFD_CLOEXEC);
    err_ = ::memfd_create("stderr", MFD_CLOEXEC);
    out = out_;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, terminal ? out : err_, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all;
  sigfillset(&all);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::vector<std::string> words = {program};
  words.insert(words.end(), args.begin(), args.end());
  if (::posix_spawn(&pid_, program.c_str(), &actions, &attributes,
                    Pointers(words).data(),
                    Pointers(environment).data()) != 0) {
    pid_ = -1;
  } else {
    pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (terminal) ::close(out);
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (int fd : {pidfd_, out_, err_}) {
    if (fd >= 0) ::close(fd);
  }
}

void Process::Signal(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

std::string Process::Output() {
  if (!terminal_) return Content(out_);
  Drain(out_, &screen_);
  return screen_;
}

bool Process::WaitFor(const std::string& text) {
  absl::Time until = absl::Now() + kTestPatience;
  while (!absl::StrContains(Output(), text)) {
    pollfd end = {pidfd_, POLLIN, 0};
    // It may have ended: then what it wrote is all there will be.
    if (::poll(&end, 1, 10) == 1) return absl::StrContains(Output(), text);
    if (absl::Now() > until) return false;
  }
  return true;
}

Ended Process::Wait() {
  Ended ended;
  absl::Time until = absl::Now() + kTestPatience;
  pollfd end = {pidfd_, POLLIN, 0};
  while (pid_ > 0 && absl::Now() < until && ::poll(&end, 1, 10) == 0) {
    Output();
  }
  if (pid_ > 0 && (end.revents & POLLIN) != 0) {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    ended.code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  ended.out = Output();
  if (!terminal_) ended.err = Content(err_);
  return ended;
}

std::string DroverPath() {
  const char* root = std::getenv("TEST_SRCDIR");
  const char* workspace = std::getenv("TEST_WORKSPACE");
  if (root == nullptr || workspace == nullptr) return "./drover";
  return absl::StrCat(root, "/", workspace, "/supervisor/cli/drover");
}

}  // namespace drover::cli
