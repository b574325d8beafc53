// Real processes under a process table: what they do becomes these events, in
// this order.
#include "supervisor/os/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/process_table.h"
#include "supervisor/os/signals.h"
#include "supervisor/os/testing/data.h"
#include "supervisor/os/testing/loop.h"

namespace drover::os {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "hello", "exited code 3" ...
std::string Summary(const core::Event& event) {
  if (std::holds_alternative<core::Spawned>(event)) return "spawned";
  if (auto* failed = std::get_if<core::SpawnFailed>(&event)) {
    return absl::StrCat("spawn failed: ", failed->step);
  }
  if (auto* received = std::get_if<core::FrameReceived>(&event)) {
    if (received->message.has_hello()) return "hello";
    if (received->message.has_fatal()) return "fatal";
    if (received->message.has_pong()) return "pong";
    return "frame";
  }
  if (auto* rejected = std::get_if<core::FrameRejected>(&event)) {
    return absl::StrCat("rejected ", rejected->code);
  }
  if (std::holds_alternative<core::ChannelClosed>(event)) return "closed";
  if (std::holds_alternative<core::QueueOverflowed>(event)) return "overflow";
  if (auto* exited = std::get_if<core::Exited>(&event)) {
    return exited->signal != 0 ? absl::StrCat("exited signal ", exited->signal)
                               : absl::StrCat("exited code ", exited->code);
  }
  return "time";
}

worker::v1::ToWorker MakePing() {
  worker::v1::ToWorker message;
  message.mutable_ping()->set_id(1);
  return message;
}

bool IsGone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

class ProcessTest : public ::testing::Test {
 protected:
  ProcessTest()
      : children_(true),
        signals_(loop_.io, {.terminate = [](int, int) {},
                            .reload = [] {},
                            .child = [this] { children_.ReapOrphans(); }}),
        table_(loop_.io, children_,
               {.event =
                    [this](const core::Identity& who, core::Event event) {
                      if (auto* spawned = std::get_if<core::Spawned>(&event)) {
                        pids_[who.incarnation] = spawned->pid;
                      }
                      std::string text = Summary(event);
                      if (text == "pong") ++pongs_[who.incarnation];
                      // Floods would fill the memory.
                      if (text != "pong" || pongs_[who.incarnation] < 10) {
                        events_[who.incarnation].push_back(text);
                      }
                    },
                .line =
                    [this](const core::Identity& who, output::Stream stream,
                           absl::string_view line) {
                      lines_[who.incarnation].push_back(absl::StrCat(
                          stream == output::Stream::kStdout ? "out " : "err ",
                          line));
                    }}) {}

  // Starts a worker of the behaviour; its incarnation.
  core::Incarnation Start(const std::string& behaviour) {
    config::v1::Pool spec;
    spec.set_name("web");
    spec.add_command(TestWorkerPath());
    spec.add_command(behaviour);
    spec.mutable_output()->set_line_max_bytes(256);
    auto plan = LaunchPlan::Make(spec, {}, {});
    core::Identity worker{
        .pool = "web", .slot = 0, .generation = 1, .incarnation = ++last_};
    table_.Start(worker,
                 std::get<std::shared_ptr<const LaunchPlan>>(std::move(plan)));
    return last_;
  }

  bool Has(core::Incarnation worker, const std::string& event) {
    return std::ranges::count(events_[worker], event) > 0;
  }
  bool HasEnded(core::Incarnation worker) {
    return !events_[worker].empty() &&
           absl::StartsWith(events_[worker].back(), "exited");
  }

  Loop loop_;
  Children children_;
  Signals signals_;
  std::map<core::Incarnation, std::vector<std::string>> events_;
  std::map<core::Incarnation, std::vector<std::string>> lines_;
  std::map<core::Incarnation, int> pongs_;
  std::map<core::Incarnation, pid_t> pids_;
  core::Incarnation last_ = 0;
  ProcessTable table_;
};

TEST_F(ProcessTest, LifeAndEnd) {
  auto worker = Start("obey");
  ASSERT_TRUE(loop_.RunUntil([&] { return Has(worker, "hello"); }));
  table_.Find(worker)->Send(MakePing());
  ASSERT_TRUE(loop_.RunUntil([&] { return Has(worker, "pong"); }));
  worker::v1::ToWorker quit;
  quit.mutable_quit();
  table_.Find(worker)->Send(quit);
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  std::erase(events_[worker], "closed");
  EXPECT_THAT(events_[worker],
              ElementsAre("spawned", "hello", "pong", "exited code 0"));
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_TRUE(IsGone(pids_[worker]));
}

TEST_F(ProcessTest, OutputComesByLineAndStream) {
  auto worker = Start("talk");
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  EXPECT_THAT(lines_[worker], Contains("out to stdout"));
  EXPECT_THAT(lines_[worker], Contains("err to stderr"));
  EXPECT_THAT(lines_[worker], Contains("err " + std::string(256, 'x')));
  EXPECT_THAT(lines_[worker], Contains("err " + std::string(44, 'x')));
  EXPECT_EQ(lines_[worker].size(), 4u);
}

TEST_F(ProcessTest, LastWordsAreReadAlthoughAPingWasNot) {
  auto worker = Start("last-words");
  table_.Find(worker)->Send(MakePing());
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  // Its channel is closed a moment before its end is known.
  std::erase(events_[worker], "closed");
  EXPECT_THAT(events_[worker],
              ElementsAre("spawned", "fatal", "exited code 7"));
  EXPECT_THAT(lines_[worker], ElementsAre("err unfinished line"));
}

TEST_F(ProcessTest, SignalsReachTheGroup) {
  auto worker = Start("deaf");
  ASSERT_TRUE(loop_.RunUntil([&] { return Has(worker, "hello"); }));
  table_.Find(worker)->SignalGroup(SIGTERM);
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  EXPECT_EQ(events_[worker].back(), "exited signal 15");
}

TEST_F(ProcessTest, StoppedProcessIsNotDeadAndCanBeKilled) {
  auto worker = Start("obey");
  ASSERT_TRUE(loop_.RunUntil([&] { return Has(worker, "hello"); }));
  table_.Find(worker)->SignalGroup(SIGSTOP);
  siginfo_t info;
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pids_[worker]), &info,
                     WSTOPPED | WNOWAIT),
            0);
  // TERM waits behind the stop; nothing of it is an end.
  table_.Find(worker)->SignalGroup(SIGTERM);
  auto other = Start("obey");
  ASSERT_TRUE(loop_.RunUntil([&] { return Has(other, "hello"); }));
  EXPECT_FALSE(HasEnded(worker));
  table_.Find(worker)->SignalGroup(SIGCONT);
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  EXPECT_EQ(events_[worker].back(), "exited signal 15");
}

TEST_F(ProcessTest, RestOfTheGroupIsKilledAndReaped) {
  auto worker = Start("leave");
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  EXPECT_EQ(events_[worker].back(), "exited code 3");
  // The other one was killed before the group's id was given up.
  ASSERT_TRUE(loop_.RunUntil(
      [&] { return ::kill(-pids_[worker], 0) != 0 && errno == ESRCH; }));
}

TEST_F(ProcessTest, DescendantThatKeepsThePipesDelaysNothing) {
  auto worker = Start("escape");
  ASSERT_TRUE(loop_.RunUntil(
      [&] { return Has(worker, "pong") && !lines_[worker].empty(); }));
  pid_t escaped = std::stoi(
      lines_[worker].at(0).substr(std::string("out escaped ").size()));
  table_.Find(worker)->Send(MakePing());
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  EXPECT_EQ(events_[worker].back(), "exited code 4");
  EXPECT_FALSE(IsGone(escaped));
  // It is this process's child now, and reaped as such.
  ::kill(escaped, SIGKILL);
  ASSERT_TRUE(loop_.RunUntil([&] { return IsGone(escaped); }));
}

TEST_F(ProcessTest, GarbageIsRejectedOnceAndNothingFollows) {
  for (const auto& [behaviour, code] :
       {std::pair<std::string, int>{"garbage",
                                    worker::v1::PROTOCOL_ERROR_CODE_FRAME_SIZE},
        {"unparsable", worker::v1::PROTOCOL_ERROR_CODE_PARSE}}) {
    auto worker = Start(behaviour);
    std::string rejected = absl::StrCat("rejected ", code);
    ASSERT_TRUE(loop_.RunUntil([&] { return Has(worker, rejected); }));
    table_.Find(worker)->SignalGroup(SIGKILL);
    ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
    EXPECT_THAT(events_[worker],
                ElementsAre("spawned", rejected, "exited signal 9"));
  }
}

TEST_F(ProcessTest, ChannelMayCloseBeforeTheEnd) {
  auto worker = Start("close");
  ASSERT_TRUE(loop_.RunUntil([&] { return Has(worker, "closed"); }));
  table_.Find(worker)->Send(MakePing());
  table_.Find(worker)->SignalGroup(SIGKILL);
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
  EXPECT_THAT(events_[worker],
              ElementsAre("spawned", "closed", "exited signal 9"));
}

TEST_F(ProcessTest, OneThatNeverReadsOverflowsOnce) {
  auto worker = Start("deaf");
  worker::v1::ToWorker message;
  message.mutable_user_message()->set_payload(std::string(60000, 'x'));
  for (int i = 0; i < 1000 && !Has(worker, "overflow"); ++i) {
    table_.Find(worker)->Send(message);
  }
  EXPECT_TRUE(Has(worker, "overflow"));
  for (int i = 0; i < 10; ++i) table_.Find(worker)->Send(message);
  EXPECT_EQ(std::ranges::count(events_[worker], "overflow"), 1);
  // It is a worker like any other for all else.
  table_.Find(worker)->SignalGroup(SIGKILL);
  ASSERT_TRUE(loop_.RunUntil([&] { return HasEnded(worker); }));
}

TEST_F(ProcessTest, FloodingWorkersDoNotStarveTheOthers) {
  std::vector<core::Incarnation> flooders;
  for (int i = 0; i < 3; ++i) flooders.push_back(Start("flood"));
  ASSERT_TRUE(loop_.RunUntil([&] {
    return std::ranges::all_of(flooders,
                               [&](auto one) { return pongs_[one] > 1000; });
  }));
  auto worker = Start("obey");
  ASSERT_TRUE(loop_.RunUntil([&] { return Has(worker, "hello"); }));
  // In turns of the loop, which do not depend on the machine: an answer is
  // served among the next few thousand frames of each flooder.
  for (int i = 0; i < 20; ++i) {
    pongs_[worker] = 0;
    int before = pongs_[flooders[0]];
    table_.Find(worker)->Send(MakePing());
    ASSERT_TRUE(loop_.RunUntil([&] { return pongs_[worker] == 1; }));
    EXPECT_LT(pongs_[flooders[0]] - before, 3'000'000);
  }
}

TEST_F(ProcessTest, TableKillsWhatIsLeft) {
  pid_t pid = -1;
  {
    Children children(false);
    std::map<core::Incarnation, pid_t> pids;
    ProcessTable table(
        loop_.io, children,
        {.event =
             [&pid](const core::Identity&, core::Event event) {
               if (auto* spawned = std::get_if<core::Spawned>(&event)) {
                 pid = spawned->pid;
               }
             },
         .line = [](const core::Identity&, output::Stream,
                    absl::string_view) {}});
    config::v1::Pool spec;
    spec.add_command("/bin/sleep");
    spec.add_command("1000");
    auto plan = LaunchPlan::Make(spec, {}, {});
    table.Start({.pool = "web", .slot = 0, .generation = 1, .incarnation = 1},
                std::get<std::shared_ptr<const LaunchPlan>>(plan));
    ASSERT_GT(pid, 0);
    ASSERT_FALSE(IsGone(pid));
  }
  EXPECT_TRUE(IsGone(pid));
}

}  // namespace
}  // namespace drover::os
