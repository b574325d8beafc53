#include "supervisor/os/output_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

bool Exists(const std::string& path) { return std::filesystem::exists(path); }

TEST(OutputFileTest, AppendsToWhatIsThere) {
  TempDir directory;
  directory.Write("log", "old\n");
  OutputFile file({.path = directory / "log", .max_bytes = 100, .keep = 1});
  file.Append("new");
  EXPECT_EQ(Content(directory / "log"), "old\nnew\n");
}

TEST(OutputFileTest, RotatesBeforeItGrowsTooLarge) {
  TempDir directory;
  OutputFile file({.path = directory / "log", .max_bytes = 8, .keep = 2});
  for (const char* line : {"one", "two", "3", "four444", "five"}) {
    file.Append(line);
  }
  EXPECT_EQ(Content(directory / "log"), "five\n");
  EXPECT_EQ(Content(directory / "log.1"), "four444\n");
  EXPECT_EQ(Content(directory / "log.2"), "3\n");
  EXPECT_FALSE(Exists(directory / "log.3"));
}

TEST(OutputFileTest, KeepsNoneIfNoneIsWanted) {
  TempDir directory;
  OutputFile file({.path = directory / "log", .max_bytes = 5, .keep = 0});
  file.Append("four");
  file.Append("more");
  EXPECT_EQ(Content(directory / "log"), "more\n");
  EXPECT_FALSE(Exists(directory / "log.1"));
}

TEST(OutputFileTest, FollowsNoLinkAndWritesToNoDevice) {
  TempDir directory;
  std::filesystem::create_symlink(directory / "target", directory / "link");
  OutputFile link({.path = directory / "link", .max_bytes = 100, .keep = 1});
  link.Append("x");
  EXPECT_EQ(link.dropped(), 1u);
  EXPECT_FALSE(Exists(directory / "target"));

  ASSERT_EQ(::mkfifo((directory / "fifo").c_str(), 0600), 0);
  OutputFile fifo({.path = directory / "fifo", .max_bytes = 100, .keep = 1});
  fifo.Append("x");
  EXPECT_EQ(fifo.dropped(), 1u);
}

TEST(OutputFileTest, DropsWhileItCannotWriteAndSaysSoAfterwards) {
  TempDir directory;
  OutputFile file(
      {.path = directory / "later/log", .max_bytes = 1000, .keep = 1});
  file.Append("one");
  file.Append("two");
  EXPECT_EQ(file.dropped(), 2u);
  std::filesystem::create_directory(directory / "later");
  file.Append("three");
  EXPECT_EQ(Content(directory / "later/log"),
            "[drover] 2 lines dropped\nthree\n");
  file.Append("four");
  EXPECT_EQ(file.dropped(), 2u);
}

TEST(OutputFileTest, FullDiskDropsTheLine) {
  TempDir directory;
  OutputFile file({.path = directory / "log", .max_bytes = 1 << 20, .keep = 1});
  file.Append("one");
  // The limit on a file's size stands for the disk's.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit former;
  ::getrlimit(RLIMIT_FSIZE, &former);
  rlimit full = former;
  full.rlim_cur = 4;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  file.Append("two");
  ::setrlimit(RLIMIT_FSIZE, &former);
  EXPECT_EQ(file.dropped(), 1u);
  file.Append("three");
  EXPECT_EQ(Content(directory / "log"),
            "one\n[drover] 1 lines dropped\nthree\n");
}

}  // namespace
}  // namespace drover::os
