#include "conformance/supervisor/puppet.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover::conformance {
namespace {

int order_socket = -1;

int Channel() {
  const char* number = ::getenv("DROVER_FD");
  int fd = -1;
  return number != nullptr && absl::SimpleAtoi(number, &fd) ? fd : -1;
}

std::string LinkOf(int fd) {
  char target[256];
  std::string path = absl::StrCat("/proc/self/fd/", fd);
  ssize_t size = ::readlink(path.c_str(), target, sizeof(target));
  return size < 0 ? "" : std::string(target, static_cast<size_t>(size));
}

// Numbers of all open descriptors but the one that looks at them.
std::vector<int> OpenDescriptors() {
  std::vector<int> numbers;
  DIR* directory = ::opendir("/proc/self/fd");
  while (const dirent* entry = ::readdir(directory)) {
    int number = 0;
    if (absl::SimpleAtoi(entry->d_name, &number) &&
        number != ::dirfd(directory)) {
      numbers.push_back(number);
    }
  }
  ::closedir(directory);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool Listens(int fd) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 &&
         value != 0;
}

// One fact a line: a word, then the rest.
std::string Facts() {
  std::string text = absl::StrCat("pid ", ::getpid(), "\nparent ", ::getppid(),
                                  "\ngroup ", ::getpgrp(), "\n");
  for (int fd : OpenDescriptors()) {
    bool blocks = (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
    absl::StrAppend(&text, "fd ", fd, Listens(fd) ? " listener" : " other",
                    blocks ? " blocks " : " nonblock ", LinkOf(fd), "\n");
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (absl::StartsWith(*entry, "DROVER_")) {
      absl::StrAppend(&text, "environment ", *entry, "\n");
    }
  }
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (absl::StartsWith(line, "SigBlk:") ||
        absl::StartsWith(line, "SigIgn:")) {
      absl::StrAppend(&text, "signals ", line, "\n");
    }
  }
  return text;
}

void Say(const std::string& text) {
  ::send(order_socket, text.data(), text.size(), MSG_NOSIGNAL);
}

// The facts, and the channel with them.
bool Introduce(const std::string& facts, int channel) {
  iovec bytes = {const_cast<char*>(facts.data()), facts.size()};
  char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (channel >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    ::memcpy(CMSG_DATA(header), &channel, sizeof(int));
  }
  return ::sendmsg(order_socket, &message, MSG_NOSIGNAL) >= 0;
}

bool Connect(const char* path) {
  order_socket = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  return ::connect(order_socket, reinterpret_cast<sockaddr*>(&address),
                   sizeof(address)) == 0;
}

void TellSignal(int number) {
  int error = errno;
  char text[] = "signal 00";
  text[7] = static_cast<char>('0' + number / 10);
  text[8] = static_cast<char>('0' + number % 10);
  ::send(order_socket, text, sizeof(text) - 1, MSG_NOSIGNAL);
  errno = error;
}

// A child that holds the channel and lives on.
void Fork() {
  pid_t child = ::fork();
  if (child == 0) {
    ::close(order_socket);
    while (true) ::pause();
  }
  Say(absl::StrCat("forked ", child));
}

void Raise(int number) {
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void Obey(const std::string& order) {
  std::istringstream words(order);
  std::string verb;
  int number = 0;
  words >> verb >> number;
  if (verb == "exit") ::_exit(number);
  if (verb == "raise") Raise(number);
  if (verb == "close") ::close(Channel());
  if (verb == "fork") Fork();
  if (verb == "tell") ::signal(number, TellSignal);
  if (verb == "print") std::cout << "a line of the puppet's" << std::endl;
  Say("done");
}

}  // namespace

int PuppetMain(const char* socket) {
  std::string facts = Facts();
  if (!Connect(socket) || !Introduce(facts, Channel())) {
    std::cerr << "puppet: nobody listens at " << socket << "\n";
    return 1;
  }
  char buffer[512];
  while (true) {
    ssize_t size = ::recv(order_socket, buffer, sizeof(buffer), 0);
    if (size < 0 && errno == EINTR) continue;
    // The suite is gone; so is the reason to live.
    if (size <= 0) return 0;
    Obey(std::string(buffer, static_cast<size_t>(size)));
  }
}

}  // namespace drover::conformance
