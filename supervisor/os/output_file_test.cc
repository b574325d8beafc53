#include "supervisor/os/output_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "gtest/gtest.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

bool Exists(const std::string& path) { return std::filesystem::exists(path); }

TEST(OutputFileTest, AppendsToWhatIsThere) {
  TempDir directory;
  directory.Write("log", "old\n");
  OutputFile file({.path = directory / "log", .max_bytes = 100, .keep = 1});
  file.Append("new\n");
  EXPECT_EQ(Content(directory / "log"), "old\nnew\n");
}

TEST(OutputFileTest, RotatesBeforeItGrowsTooLarge) {
  TempDir directory;
  OutputFile file({.path = directory / "log", .max_bytes = 8, .keep = 2});
  for (const char* line : {"one", "two", "3", "four444", "five"}) {
    file.Append(std::string(line) + "\n");
  }
  EXPECT_EQ(Content(directory / "log"), "five\n");
  EXPECT_EQ(Content(directory / "log.1"), "four444\n");
  EXPECT_EQ(Content(directory / "log.2"), "3\n");
  EXPECT_FALSE(Exists(directory / "log.3"));
}

TEST(OutputFileTest, KeepsNoneIfNoneIsWanted) {
  TempDir directory;
  OutputFile file({.path = directory / "log", .max_bytes = 5, .keep = 0});
  file.Append("four\n");
  file.Append("more\n");
  EXPECT_EQ(Content(directory / "log"), "more\n");
  EXPECT_FALSE(Exists(directory / "log.1"));
}

TEST(OutputFileTest, FollowsNoLinkAndWritesToNoDevice) {
  TempDir directory;
  std::filesystem::create_symlink(directory / "target", directory / "link");
  OutputFile link({.path = directory / "link", .max_bytes = 100, .keep = 1});
  link.Append("x\n");
  EXPECT_EQ(link.dropped(), 1u);
  EXPECT_FALSE(Exists(directory / "target"));

  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  OutputFile fifo({.path = directory / "fifo", .max_bytes = 100, .keep = 1});
  fifo.Append("x\n");
  EXPECT_EQ(fifo.dropped(), 1u);
}

TEST(OutputFileTest, DropsWhileItCannotWriteAndSaysSoAfterwards) {
  TempDir directory;
  OutputFile file(
      {.path = directory / "later/log", .max_bytes = 1000, .keep = 1});
  file.Append("one\n");
  file.Append("two\n");
  EXPECT_EQ(file.dropped(), 2u);
  std::filesystem::create_directory(directory / "later");
  file.Append("three\n");
  EXPECT_EQ(Content(directory / "later/log"),
            "[drover] 2 lines dropped\nthree\n");
  file.Append("four\n");
  EXPECT_EQ(file.dropped(), 2u);
}

TEST(OutputFileTest, FullDiskDropsTheLine) {
  TempDir directory;
  OutputFile file({.path = directory / "log", .max_bytes = 1 << 20, .keep = 1});
  file.Append("one\n");
  // The limit on a file's size stands for the disk's.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit former;
  ::getrlimit(RLIMIT_FSIZE, &former);
  rlimit full = former;
  full.rlim_cur = 4;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  file.Append("two\n");
  ::setrlimit(RLIMIT_FSIZE, &former);
  EXPECT_EQ(file.dropped(), 1u);
  file.Append("three\n");
  EXPECT_EQ(Content(directory / "log"),
            "one\n[drover] 1 lines dropped\nthree\n");
}

// One turn of a writer is one write, and each file still holds whole lines.
TEST(OutputFileTest, ManyLinesAtOnceAreRotatedBetween) {
  TempDir directory;
  OutputFile file({.path = directory / "log", .max_bytes = 8, .keep = 3});
  file.Append("one\ntwo\nlonger than it may be\n3\n");
  EXPECT_EQ(Content(directory / "log"), "3\n");
  EXPECT_EQ(Content(directory / "log.1"), "longer than it may be\n");
  EXPECT_EQ(Content(directory / "log.2"), "one\ntwo\n");
}

// A disk has room for a part of what it is given, and more often than not for a
// part of a line.
TEST(OutputFileTest, WhatATornLineIsFollowedByBeginsALine) {
  TempDir directory;
  size_t room = 6;
  OutputFile file({.path = directory / "log",
                   .max_bytes = 1000,
                   .keep = 1,
                   .write = [&room](int fd, const void* bytes, size_t size) {
                     size = std::min(size, room);
                     room -= size;
                     if (size > 0) return ::write(fd, bytes, size);
                     errno = ENOSPC;
                     return ssize_t{-1};
                   }});
  file.Append("one\ntwo\nthree\n");
  EXPECT_EQ(file.dropped(), 2u);
  EXPECT_EQ(Content(directory / "log"), "one\ntw");
  room = 1000;
  file.Append("four\n");
  EXPECT_EQ(Content(directory / "log"),
            "one\ntw\n[drover] 2 lines dropped\nfour\n");
}

}  // namespace
}  // namespace drover::os
