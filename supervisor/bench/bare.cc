#include "supervisor/bench/bare.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/time/clock.h"

extern char** environ;

namespace drover::bench {
namespace {

struct Child {
  pid_t pid = -1;
  int output = -1;  // its standard output
  int input = -1;   // its standard input, kept open so that it stays
};

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

Child SpawnOne(const std::string& program) {
  int output[2];
  int input[2];
  if (::pipe2(output, O_CLOEXEC) != 0 || ::pipe2(input, O_CLOEXEC) != 0) {
    Die("pipe");
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  Child child;
  std::string path = program;
  char* argv[] = {path.data(), nullptr};
  int error = ::posix_spawn(&child.pid, program.c_str(), &actions, nullptr,
                            argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    errno = error;
    Die("posix_spawn");
  }
  ::close(output[1]);
  ::close(input[0]);
  child.output = output[0];
  child.input = input[1];
  return child;
}

void WaitForAll(int epoll, int count) {
  std::vector<epoll_event> events(256);
  while (count > 0) {
    int ready = ::epoll_wait(epoll, events.data(),
                             static_cast<int>(events.size()), 60'000);
    if (ready <= 0) Die("epoll_wait");
    for (int i = 0; i < ready; ++i) {
      char byte;
      int fd = events[static_cast<size_t>(i)].data.fd;
      if (::read(fd, &byte, 1) != 1) Die("read");
      ::epoll_ctl(epoll, EPOLL_CTL_DEL, fd, nullptr);
      --count;
    }
  }
}

}  // namespace

absl::Duration StartBare(const std::string& program, int count) {
  int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Child> children;
  children.reserve(static_cast<size_t>(count));
  absl::Time begin = absl::Now();
  for (int i = 0; i < count; ++i) {
    children.push_back(SpawnOne(program));
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = children.back().output;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
  }
  WaitForAll(epoll, count);
  absl::Duration took = absl::Now() - begin;
  for (const Child& child : children) {
    ::close(child.input);
    ::close(child.output);
    ::waitpid(child.pid, nullptr, 0);
  }
  ::close(epoll);
  return took;
}

}  // namespace drover::bench
