#include "supervisor/os/gateway_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gtest/gtest.h"
#include "supervisor/os/signals.h"
#include "supervisor/os/testing/loop.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

// ToSupervisor{ready} as a frame.
constexpr char kSayReady[] = "printf '\\000\\000\\000\\002\\042\\000' >&3;";

class GatewayProcessTest : public ::testing::Test {
 protected:
  GatewayProcessTest()
      : children_(false),
        listen_fd_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

  // Runs a shell script in the gateway's place.
  void Run(const std::string& script,
           absl::Duration kill_after = absl::Milliseconds(20)) {
    gateway_ = std::make_unique<GatewayProcess>(
        loop_.io, children_,
        GatewayProcess::Options{.path = "/bin/sh",
                                .arguments = {"-c", script},
                                .user = "",
                                .listen_fd = listen_fd_.get(),
                                .open_files = std::nullopt,
                                .backoff_first = absl::Milliseconds(1),
                                .backoff_max = absl::Milliseconds(4),
                                .healthy_after = absl::Seconds(30),
                                .kill_after = kill_after},
        GatewayProcess::Callbacks{
            .started = [this] { ++started_; },
            .message =
                [this](control::v1::ToSupervisor message) {
                  if (message.has_ready()) ++ready_;
                },
            .lost = [this] { ++lost_; },
            .drained = [this] { ++drained_; }});
    gateway_->Start();
  }

  Loop loop_;
  Children children_;
  UniqueFd listen_fd_;
  int started_ = 0;
  int ready_ = 0;
  int lost_ = 0;
  int drained_ = 0;
  std::unique_ptr<GatewayProcess> gateway_;
};

TEST_F(GatewayProcessTest, SpeaksBothWays) {
  TempDir directory;
  // Answers the first byte it reads.
  Run(std::string("dd bs=1 count=1 <&3 >/dev/null 2>&1;") + kSayReady +
      "exec sleep 1000");
  EXPECT_EQ(started_, 1);
  control::v1::ToGateway message;
  message.mutable_setup()->set_listen_fd(4);
  gateway_->Send(message);
  EXPECT_TRUE(loop_.RunUntil([&] { return ready_ == 1; }));
}

TEST_F(GatewayProcessTest, HasItsDescriptorsAndASmallEnvironment) {
  TempDir directory;
  ::setenv("DROVER_TEST_SECRET", "x", 1);
  Run("ls /proc/self/fd >" + directory / "fds" + "; env >" + directory / "env" +
      ";" + kSayReady + "exec sleep 1000");
  ASSERT_TRUE(loop_.RunUntil([&] { return ready_ == 1; }));
  // And one that ls opens to look.
  EXPECT_EQ(Content(directory / "fds"), "0\n1\n2\n3\n4\n5\n");
  const std::string env = Content(directory / "env");
  EXPECT_NE(env.find("DROVER_FD=3\n"), std::string::npos);
  EXPECT_EQ(env.find("SECRET"), std::string::npos);
}

TEST_F(GatewayProcessTest, IsStartedAgainWheneverItEnds) {
  Run(std::string(kSayReady) + "exit 1");
  EXPECT_TRUE(loop_.RunUntil([&] { return started_ >= 4; }));
  EXPECT_GE(lost_, 3);
  EXPECT_GE(gateway_->restarts(), 3u);
}

TEST_F(GatewayProcessTest, KilledOneIsStartedAgain) {
  Run(std::string(kSayReady) + "exec sleep 1000");
  ASSERT_TRUE(loop_.RunUntil([&] { return ready_ == 1; }));
  pid_t former = gateway_->pid();
  ::kill(former, SIGKILL);
  ASSERT_TRUE(loop_.RunUntil([&] { return ready_ == 2; }));
  EXPECT_NE(gateway_->pid(), former);
}

TEST_F(GatewayProcessTest, GarbageAndAClosedChannelEndIt) {
  Run("echo this is no frame >&3; exec sleep 1000");
  EXPECT_TRUE(loop_.RunUntil([&] { return lost_ >= 1 && started_ >= 2; }));
  lost_ = 0;
  Run("exec 3>&-; exec sleep 1000");
  EXPECT_TRUE(loop_.RunUntil([&] { return lost_ >= 1; }));
}

TEST_F(GatewayProcessTest, OneThatDoesNotReadIsEnded) {
  Run("exec sleep 1000");
  control::v1::ToGateway message;
  message.mutable_reply()->set_response(std::string(500'000, 'x'));
  for (int i = 0; i < 100; ++i) gateway_->Send(message);
  EXPECT_TRUE(loop_.RunUntil([&] { return lost_ == 1; }));
}

TEST_F(GatewayProcessTest, OneThatIsBehindHasNoRoomUntilItHasRead) {
  TempDir directory;
  const std::string go = directory / "go";
  ASSERT_EQ(::mkfifo(go.c_str(), 0600), 0);
  Run("read line <" + go + "; exec cat <&3 >/dev/null");
  EXPECT_TRUE(gateway_->HasRoom());
  control::v1::ToGateway message;
  message.mutable_reply()->set_response(std::string(500'000, 'x'));
  for (int i = 0; i < 20 && gateway_->HasRoom(); ++i) gateway_->Send(message);
  ASSERT_FALSE(gateway_->HasRoom());
  UniqueFd fifo(::open(go.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::write(fifo.get(), "\n", 1), 1);
  ASSERT_TRUE(loop_.RunUntil([&] { return drained_ == 1; }));
  EXPECT_TRUE(gateway_->HasRoom());
  EXPECT_EQ(lost_, 0);
}

TEST_F(GatewayProcessTest, ARejectedOneIsStartedAgain) {
  Run("exec sleep 1000");
  gateway_->Reject("it said what it must not");
  EXPECT_TRUE(loop_.RunUntil([&] { return lost_ == 1 && started_ == 2; }));
}

TEST_F(GatewayProcessTest, MissingProgramIsTriedAgain) {
  TempDir directory;
  gateway_ = std::make_unique<GatewayProcess>(
      loop_.io, children_,
      GatewayProcess::Options{.path = directory / "gateway",
                              .arguments = {},
                              .user = "",
                              .listen_fd = listen_fd_.get(),
                              .open_files = std::nullopt,
                              .backoff_first = absl::Milliseconds(1)},
      GatewayProcess::Callbacks{.started = [this] { ++started_; },
                                .message = [](control::v1::ToSupervisor) {},
                                .lost = [] {}});
  gateway_->Start();
  EXPECT_FALSE(gateway_->running());
  // A binary: what is started by its descriptor cannot be a script.
  ASSERT_EQ(::symlink("/bin/true", (directory / "gateway").c_str()), 0);
  EXPECT_TRUE(loop_.RunUntil([&] { return started_ == 1; }));
}

TEST_F(GatewayProcessTest, StopsForGood) {
  // Deaf to SIGTERM.
  Run(std::string("trap '' TERM;") + kSayReady +
      "while :; do sleep 1000; done");
  ASSERT_TRUE(loop_.RunUntil([&] { return ready_ == 1; }));
  bool done = false;
  gateway_->Stop([&] { done = true; });
  ASSERT_TRUE(loop_.RunUntil([&] { return done; }));
  EXPECT_FALSE(gateway_->running());
  EXPECT_EQ(started_, 1);
}

TEST_F(GatewayProcessTest, TakesWhatWaitsForItBeforeItStops) {
  TempDir directory;
  const std::string go = directory / "go";
  ASSERT_EQ(::mkfifo(go.c_str(), 0600), 0);
  Run("read line <" + go + "; exec cat <&3 >" + directory / "got",
      absl::Seconds(20));
  control::v1::ToGateway message;
  message.mutable_reply()->set_response(std::string(500'000, 'x'));
  for (int i = 0; i < 4; ++i) gateway_->Send(message);
  bool done = false;
  gateway_->Stop([&] { done = true; });
  UniqueFd fifo(::open(go.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::write(fifo.get(), "\n", 1), 1);
  ASSERT_TRUE(loop_.RunUntil([&] { return done; }));
  // All but what the socket may still have held.
  EXPECT_GT(Content(directory / "got").size(), 1'000'000u);
}

TEST(SignalsTest, ArriveOnTheLoop) {
  Loop loop;
  std::vector<int> terminations;
  int reloads = 0;
  int children = 0;
  Signals signals(loop.io,
                  {.terminate = [&](int, int n) { terminations.push_back(n); },
                   .reload = [&] { ++reloads; },
                   .child = [&] { ++children; }});
  ::kill(::getpid(), SIGHUP);
  ::kill(::getpid(), SIGCHLD);
  ::kill(::getpid(), SIGTERM);
  ::kill(::getpid(), SIGINT);
  ASSERT_TRUE(loop.RunUntil([&] { return terminations.size() == 2; }));
  EXPECT_EQ(terminations, (std::vector<int>{1, 2}));
  ASSERT_TRUE(loop.RunUntil([&] { return reloads == 1 && children == 1; }));
}

}  // namespace
}  // namespace drover::os
