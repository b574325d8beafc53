#include "supervisor/hold/launch.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace drover::hold {
namespace {

constexpr int kFirstFd = 3;
constexpr int kNotExecuted = 127;

// Variables that speak to the process that they are set for.
bool IsForItAlone(std::string_view entry) {
  for (std::string_view prefix :
       {"LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "NOTIFY_SOCKET=",
        "WATCHDOG_PID=", "WATCHDOG_USEC=", "DROVER_HOLDER=",
        "DROVER_FORMER_END="}) {
    if (entry.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

std::string NamesOf(const Store& store) {
  std::string names;
  for (const Store::Held& one : store.held()) {
    if (!names.empty()) names += ':';
    names += one.name;
  }
  return names;
}

std::vector<std::string> EnvironmentOf(const Launch& launch, const Store& store,
                                       pid_t holder) {
  std::vector<std::string> environment;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    if (!IsForItAlone(*entry)) environment.emplace_back(*entry);
  }
  environment.push_back("NOTIFY_SOCKET=" + launch.notify_socket);
  environment.push_back("DROVER_HOLDER=" + std::to_string(holder));
  if (!launch.former_end.empty()) {
    environment.push_back("DROVER_FORMER_END=" + launch.former_end);
  }
  if (!store.held().empty()) {
    environment.push_back("LISTEN_PID=" + std::to_string(::getpid()));
    environment.push_back("LISTEN_FDS=" + std::to_string(store.held().size()));
    environment.push_back("LISTEN_FDNAMES=" + NamesOf(store));
  }
  return environment;
}

// Puts what is held where LISTEN_FDS says. First out of each other's way.
bool Place(const Store& store) {
  const int count = static_cast<int>(store.held().size());
  std::vector<int> aside;
  for (const Store::Held& one : store.held()) {
    const int fd = ::fcntl(one.fd.get(), F_DUPFD_CLOEXEC, kFirstFd + count);
    if (fd < 0) return false;
    aside.push_back(fd);
  }
  for (int i = 0; i < count; ++i) {
    if (::dup2(aside[static_cast<size_t>(i)], kFirstFd + i) < 0) return false;
  }
  return true;
}

[[noreturn]] void Become(const Launch& launch, const Store& store,
                         pid_t holder) {
  ::setpgid(0, 0);
  // Out of the foreground it may still write to its terminal.
  ::signal(SIGTTOU, SIG_IGN);
  std::vector<std::string> environment = EnvironmentOf(launch, store, holder);
  std::vector<char*> pointers;
  for (std::string& entry : environment) pointers.push_back(entry.data());
  pointers.push_back(nullptr);
  if (Place(store)) {
    ::sigprocmask(SIG_SETMASK, &launch.mask, nullptr);
    ::execve(launch.command[0], launch.command, pointers.data());
  }
  std::fprintf(stderr, "drover-holder: %s: %s\n", launch.command[0],
               ::strerror(errno));
  ::_exit(kNotExecuted);
}

}  // namespace

pid_t Start(const Launch& launch, const Store& store) {
  const pid_t holder = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) Become(launch, store, holder);
  return child;
}

void TakeOver(Store* store) {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  const char* names = std::getenv("LISTEN_FDNAMES");
  if (pid == nullptr || count == nullptr || std::atoi(pid) != ::getpid()) {
    return;
  }
  std::string_view rest = names == nullptr ? "" : names;
  for (int i = 0; i < std::atoi(count); ++i) {
    const int fd = kFirstFd + i;
    const std::string name(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
        !store->Keep(name.empty() ? "unknown" : name, UniqueFd(fd))) {
      return;
    }
  }
}

}  // namespace drover::hold
