#include "supervisor/os/handed_fds.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace drover::os {
namespace {

struct Variables {
  std::string pid;
  std::string count;
  std::string names;
};

// What a process that has 3 and 4 open, and nothing else from there on, finds
// with these variables: "NAME=NUMBER ...", "!" for what is not close-on-exec,
// and "set" for variables that are left. An empty pid means its own.
std::string Found(const Variables& variables) {
  int answer[2];
  EXPECT_EQ(::pipe2(answer, O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(answer[1], 20);
    ::dup2(STDERR_FILENO, 3);
    ::dup2(STDERR_FILENO, 4);
    for (int fd = 5; fd < 20; ++fd) ::close(fd);
    ::setenv("LISTEN_PID",
             variables.pid.empty() ? absl::StrCat(::getpid()).c_str()
                                   : variables.pid.c_str(),
             1);
    ::setenv("LISTEN_FDS", variables.count.c_str(), 1);
    ::setenv("LISTEN_FDNAMES", variables.names.c_str(), 1);
    std::vector<std::string> words;
    for (const HandedFd& one : TakeHandedFds()) {
      const bool closes = (::fcntl(one.fd.get(), F_GETFD) & FD_CLOEXEC) != 0;
      words.push_back(
          absl::StrCat(one.name, "=", one.fd.get(), closes ? "" : "!"));
    }
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
      if (::getenv(name) != nullptr) words.push_back("set");
    }
    const std::string text = absl::StrJoin(words, " ");
    if (::write(20, text.data(), text.size()) < 0) ::_exit(1);
    ::_exit(0);
  }
  ::close(answer[1]);
  char text[256];
  const ssize_t size = ::read(answer[0], text, sizeof(text));
  ::close(answer[0]);
  ::waitpid(child, nullptr, 0);
  return std::string(text, size < 0 ? 0 : static_cast<size_t>(size));
}

TEST(HandedFdsTest, AreTakenByName) {
  EXPECT_EQ(Found({"", "2", "web:api"}), "web=3 api=4");
}

TEST(HandedFdsTest, NamesMayBeMissing) {
  EXPECT_EQ(Found({"", "2", ""}), "unknown=3 unknown=4");
  EXPECT_EQ(Found({"", "2", "web"}), "web=3 unknown=4");
  EXPECT_EQ(Found({"", "2", ":api"}), "unknown=3 api=4");
}

TEST(HandedFdsTest, AnotherProcessAreNotTaken) {
  EXPECT_EQ(Found({"1", "2", "web:api"}), "");
  EXPECT_EQ(Found({"garbage", "2", "web:api"}), "");
}

TEST(HandedFdsTest, NonsenseIsNotTaken) {
  for (const char* count : {"", "-1", "two", "99999999999", "5000"}) {
    EXPECT_EQ(Found({"", count, "web"}), "") << count;
  }
}

TEST(HandedFdsTest, WhatIsNotOpenIsLeftOut) {
  EXPECT_EQ(Found({"", "4", "a:b:c:d"}), "a=3 b=4");
}

}  // namespace
}  // namespace drover::os
