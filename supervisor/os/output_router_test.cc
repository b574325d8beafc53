#include "supervisor/os/output_router.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/fd_pair.h"
#include "supervisor/os/testing/loop.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::HasSubstr;

core::Identity Worker(const std::string& pool, uint32_t slot) {
  return {.pool = pool, .slot = slot, .generation = 3, .incarnation = 7};
}

class OutputRouterTest : public ::testing::Test {
 protected:
  OutputRouterTest()
      : pair_(*MakeOutputPair()),
        forwarder_(loop_.io, pair_.theirs.get()),
        router_(store_, &forwarder_) {}

  void Say(const std::string& pool, uint32_t slot, const std::string& line) {
    router_.Route(Worker(pool, slot), output::Stream::kStdout, line);
  }

  // What is in a file, once all is.
  std::string Filed(const std::string& path) {
    EXPECT_TRUE(router_.Drain(absl::Seconds(10)));
    return Content(path);
  }

  // What was forwarded since.
  std::string Forwarded() {
    forwarder_.Flush();
    char buffer[65536];
    ssize_t count = ::read(pair_.ours.get(), buffer, sizeof(buffer));
    return count > 0 ? std::string(buffer, static_cast<size_t>(count)) : "";
  }

  std::vector<output::Line> Kept(const std::string& pool) {
    return store_.Tail(pool, std::nullopt, 100);
  }

  TempDir directory_;
  Loop loop_;
  FdPair pair_;
  output::Store store_;
  Forwarder forwarder_;
  OutputRouter router_;
};

TEST_F(OutputRouterTest, ALineIsKeptWithItsOriginAndForwardedWithItsPlace) {
  router_.Configure("web", {});
  router_.Route(Worker("web", 2), output::Stream::kStderr, "hello");
  EXPECT_EQ(Forwarded(), "[web/2] hello\n");
  ASSERT_EQ(Kept("web").size(), 1u);
  const output::Line line = Kept("web")[0];
  EXPECT_EQ(line.slot, 2u);
  EXPECT_EQ(line.generation, 3u);
  EXPECT_EQ(line.incarnation, 7u);
  EXPECT_EQ(line.stream, output::Stream::kStderr);
  EXPECT_EQ(line.text, "hello");
}

// A terminal must not obey a worker; a file and the store keep what was said.
TEST_F(OutputRouterTest, OnlyWhatIsShownIsMadeSafe) {
  config::v1::Output settings;
  settings.set_file(directory_ / "log");
  router_.Configure("web", settings);
  Say("web", 0, "a\x1b[2Jb");
  EXPECT_EQ(Forwarded().find('\x1b'), std::string::npos);
  EXPECT_EQ(Filed(directory_ / "log"), "a\x1b[2Jb\n");
  EXPECT_EQ(Kept("web")[0].text, "a\x1b[2Jb");
}

TEST_F(OutputRouterTest, APoolMayKeepItsLinesToItself) {
  config::v1::Output quiet;
  quiet.set_forward(false);
  router_.Configure("quiet", quiet);
  router_.Configure("loud", {});
  Say("quiet", 0, "psst");
  Say("loud", 0, "hey");
  EXPECT_EQ(Forwarded(), "[loud/0] hey\n");
  EXPECT_EQ(Kept("quiet").size(), 1u);
}

TEST_F(OutputRouterTest, EachSlotHasTheFileThatItsPathNames) {
  config::v1::Output settings;
  settings.set_file(directory_ / "${pool}-${slot}");
  router_.Configure("web", settings);
  Say("web", 0, "zero");
  Say("web", 1, "one");
  Say("web", 0, "zero again");
  EXPECT_EQ(Filed(directory_ / "web-0"), "zero\nzero again\n");
  EXPECT_EQ(Filed(directory_ / "web-1"), "one\n");
}

// Two that rotate one file would each lose the other's.
TEST_F(OutputRouterTest, PoolsAndSlotsOfOnePathShareTheFile) {
  config::v1::Output settings;
  settings.set_file(directory_ / "all");
  settings.set_file_max_bytes(20);
  settings.set_file_keep(5);
  router_.Configure("web", settings);
  router_.Configure("mail", settings);
  for (int i = 0; i < 2; ++i) {
    Say("web", 0, "12345");
    Say("web", 1, "12345");
    Say("mail", 0, "12345");
  }
  EXPECT_EQ(Filed(directory_ / "all.1"), "12345\n12345\n12345\n");
  EXPECT_EQ(Filed(directory_ / "all"), "12345\n12345\n12345\n");
}

TEST_F(OutputRouterTest, NewSettingsHoldFromTheNextLineOn) {
  config::v1::Output settings;
  settings.set_file(directory_ / "former");
  router_.Configure("web", settings);
  Say("web", 0, "one");
  settings.set_file(directory_ / "later");
  settings.set_forward(false);
  router_.Configure("web", settings);
  EXPECT_EQ(Forwarded(), "[web/0] one\n");
  Say("web", 0, "two");
  EXPECT_EQ(Forwarded(), "");
  EXPECT_EQ(Filed(directory_ / "former"), "one\n");
  EXPECT_EQ(Filed(directory_ / "later"), "two\n");
}

// So that a rotation from outside can be followed.
TEST_F(OutputRouterTest, TheSameSettingsOpenTheFilesAnew) {
  config::v1::Output settings;
  settings.set_file(directory_ / "log");
  router_.Configure("web", settings);
  Say("web", 0, "one");
  ASSERT_TRUE(router_.Drain(absl::Seconds(10)));
  std::filesystem::rename(directory_ / "log", directory_ / "moved");
  router_.Configure("web", settings);
  Say("web", 0, "two");
  EXPECT_EQ(Filed(directory_ / "moved"), "one\n");
  EXPECT_EQ(Filed(directory_ / "log"), "two\n");
}

// Nobody is left to ask for the one that the former settings had.
TEST_F(OutputRouterTest, NewSettingsOfTheSameFileHold) {
  config::v1::Output settings;
  settings.set_file(directory_ / "log");
  settings.set_file_max_bytes(8);
  router_.Configure("web", settings);
  Say("web", 0, "one");
  settings.set_file_max_bytes(100);
  router_.Configure("web", settings);
  for (int i = 0; i < 3; ++i) Say("web", 0, "two");
  EXPECT_EQ(Filed(directory_ / "log"), "one\ntwo\ntwo\ntwo\n");
}

TEST_F(OutputRouterTest, AForgottenPoolsLastWordsAreKept) {
  router_.Configure("web", {});
  router_.Forget("web");
  Say("web", 0, "last words");
  EXPECT_EQ(Forwarded(), "");
  EXPECT_EQ(Kept("web").size(), 1u);
}

TEST_F(OutputRouterTest, WithoutAForwarderLinesAreStillKept) {
  OutputRouter router(store_, nullptr);
  router.Configure("web", {});
  router.Route(Worker("web", 0), output::Stream::kStdout, "hello");
  EXPECT_EQ(Kept("web").size(), 1u);
}

}  // namespace
}  // namespace drover::os
