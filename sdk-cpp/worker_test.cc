// The C++ worker against a supervisor's end of a channel.
#include "drover/worker.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/peer.h"

namespace drover {
namespace {

using ::drover_tests::Frame;
using ::drover_tests::Message;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kPatienceMs = 20000;

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    channel_ = fds[0];
    setenv("DROVER_FD", std::to_string(fds[1]).c_str(), 1);
    unsetenv("DROVER_PROTOCOL");
    unsetenv("DROVER_LISTEN_FDS");
  }
  ~WorkerTest() override { close(channel_); }

  // A worker whose Hello was read and Welcome written.
  Worker Open(const std::vector<uint32_t>& capabilities = {}) {
    absl::StatusOr<Worker> worker =
        Worker::FromEnvironment({.name = "test", .capabilities = capabilities});
    EXPECT_TRUE(worker.ok()) << worker.status();
    EXPECT_THAT(Read(), HasSubstr("sdk: \"drover-cpp/1.0.0\""));
    drover_tests::ToWorker welcome = Message(
        "welcome { identity { pool: 'app' slot: 2 } timeouts { loss_ms: 9000 } "
        "}");
    for (const uint32_t capability : capabilities) {
      welcome.mutable_welcome()->add_capabilities(capability);
    }
    Write(Frame(welcome));
    return *std::move(worker);
  }

  void Send(const std::string& text) { Write(Frame(Message(text))); }

  // The next message in text format.
  std::string Read() {
    const std::string header = ReadBytes(4);
    size_t size = 0;
    for (const char byte : header)
      size = size << 8 | static_cast<uint8_t>(byte);
    drover_tests::ToSupervisor message;
    EXPECT_TRUE(message.ParseFromString(ReadBytes(size)));
    return message.ShortDebugString();
  }

  int channel_;

 private:
  void Write(const std::string& bytes) {
    EXPECT_EQ(write(channel_, bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string ReadBytes(size_t size) {
    std::string bytes;
    while (bytes.size() < size) {
      pollfd ready = {channel_, POLLIN, 0};
      EXPECT_EQ(poll(&ready, 1, kPatienceMs), 1) << "nothing came";
      char byte;
      if (read(channel_, &byte, 1) != 1) break;
      bytes.push_back(byte);
    }
    return bytes;
  }
};

TEST_F(WorkerTest, RunsWithoutAnyHandler) {
  Worker worker = Open();
  Send("op: 1 start { deadline_ms: 9000 }");
  Send("op: 2 stop { deadline_ms: 9000 }");
  Send("op: 3 quit { deadline_ms: 9000 }");
  EXPECT_EQ(worker.Run({}), 0);
  EXPECT_EQ(Read(), "re: 1 state { state: STATE_STARTED }");
  EXPECT_EQ(Read(), "re: 2 state { state: STATE_STOPPED }");
  EXPECT_EQ(Read(), "re: 3 state { state: STATE_SHUTTING_DOWN }");
  EXPECT_EQ(worker.pool(), "app");
  EXPECT_EQ(worker.slot(), 2u);
}

TEST_F(WorkerTest, HandlersSeeTheirEvents) {
  Worker worker = Open({DROVER_CAPABILITY_RELOAD, DROVER_CAPABILITY_LAME_DUCK});
  std::vector<std::string> seen;
  Handlers handlers;
  handlers.start = [&](const Event& event) {
    seen.push_back("start " + absl::FormatDuration(event.deadline()));
    return Answer::kDone;
  };
  handlers.reload = [&](const Event& event) {
    seen.push_back("reload " + std::string(event.data()));
    return event.data() == "good" ? absl::OkStatus()
                                  : absl::InvalidArgumentError("line 7");
  };
  handlers.lame_duck = [&](const Event&) { seen.push_back("lame duck"); };
  handlers.stop = [&](const Event& event) {
    seen.push_back("stop " + std::string(event.text()));
    return Answer::kDone;
  };
  handlers.quit = [&](const Event& event) {
    seen.push_back("quit " + std::to_string(event.cause()));
    return Answer::kDone;
  };
  handlers.other = [&](const Event& event) {
    seen.push_back(std::string(event.name()));
  };
  Send("op: 1 start { deadline_ms: 1500 }");
  Send("op: 2 reload { payload: 'good' }");
  Send("op: 3 reload { payload: 'bad' }");
  Send("lame_duck { stop_in_ms: 5 }");
  Send("op: 4 stop { deadline_ms: 9000 text: 'new disks' }");
  Send("op: 5 quit { deadline_ms: 9000 cause: CAUSE_SHUTDOWN }");
  EXPECT_EQ(worker.Run(handlers), 0);
  EXPECT_THAT(seen,
              ElementsAre("WELCOME", "start 1.5s", "reload good", "reload bad",
                          "lame duck", "stop new disks", "quit 6"));
  EXPECT_THAT(Read(), HasSubstr("STARTED"));
  EXPECT_EQ(Read(), "re: 2 result { code: RESULT_CODE_OK }");
  EXPECT_EQ(Read(),
            "re: 3 result { code: RESULT_CODE_FAILED text: \"line 7\" }");
}

TEST_F(WorkerTest, AStartThatFailsIsReportedAndEnds) {
  Worker worker = Open();
  Handlers handlers;
  handlers.start = [](const Event&) -> absl::StatusOr<Answer> {
    return absl::UnavailableError("no database");
  };
  Send("op: 1 start { deadline_ms: 9000 }");
  EXPECT_EQ(worker.Run(handlers), 1);
  EXPECT_EQ(Read(),
            "re: 1 state { state: STATE_FAILED text: \"no database\" }");
}

TEST_F(WorkerTest, LaterIsSaidFromAnotherThread) {
  Worker worker = Open();
  std::thread thread;
  Handlers handlers;
  handlers.start = [&](const Event&) {
    thread = std::thread([&] { EXPECT_TRUE(worker.Started("warm").ok()); });
    return Answer::kLater;
  };
  handlers.quit = [](const Event&) { return Answer::kLater; };
  std::thread supervisor([&] {
    Send("op: 1 start { deadline_ms: 9000 }");
    EXPECT_THAT(Read(), HasSubstr("warm"));
    EXPECT_EQ(worker.Leave().code(), absl::StatusCode::kFailedPrecondition);
    Send("op: 2 quit { deadline_ms: 60000 }");
    EXPECT_THAT(Read(), HasSubstr("SHUTTING_DOWN"));
    EXPECT_TRUE(worker.Leave().ok());
  });
  EXPECT_EQ(worker.Run(handlers), 0);
  supervisor.join();
  thread.join();
}

TEST_F(WorkerTest, TheDeadlineOfAStopGivesUp) {
  Worker worker = Open();
  Handlers handlers;
  handlers.stop = [](const Event&) { return Answer::kLater; };
  handlers.give_up = [] { return 3u; };
  Send("op: 1 start { deadline_ms: 9000 }");
  Send("op: 2 stop { deadline_ms: 20 }");
  std::thread supervisor([&] {
    EXPECT_THAT(Read(), HasSubstr("STARTED"));
    EXPECT_EQ(Read(),
              "re: 2 state { state: STATE_STOPPED abandoned: 3 forced: true }");
    Send("op: 3 quit { deadline_ms: 9000 }");
  });
  EXPECT_EQ(worker.Run(handlers), 0);
  supervisor.join();
}

TEST_F(WorkerTest, DispatchServesAnEventLoop) {
  Worker worker = Open();
  const Handlers handlers;
  EXPECT_EQ(worker.Dispatch(handlers), std::nullopt);
  Send("op: 1 start { deadline_ms: 9000 }");
  pollfd ready = {worker.fd(), POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, kPatienceMs), 1);
  EXPECT_EQ(worker.Dispatch(handlers), std::nullopt);
  EXPECT_EQ(worker.state(), DROVER_STATE_STARTED);
  Send("op: 2 quit {}");
  EXPECT_EQ(worker.Dispatch(handlers), 0);
}

TEST_F(WorkerTest, NextHandsOutOneAtATime) {
  Worker worker = Open();
  auto event = worker.Next(absl::Milliseconds(kPatienceMs));
  ASSERT_TRUE(event.ok() && event->has_value());
  EXPECT_EQ((*event)->kind(), DROVER_EVENT_WELCOME);
  event = worker.Next(absl::ZeroDuration());
  ASSERT_TRUE(event.ok());
  EXPECT_FALSE(event->has_value());
}

TEST_F(WorkerTest, MovesKeepTheChannel) {
  Worker first = Open();
  Worker second = std::move(first);
  Worker third = *Worker::FromEnvironment();
  EXPECT_FALSE(third.supervised());
  third = std::move(second);
  EXPECT_TRUE(third.supervised());
  Send("op: 1 quit {}");
  EXPECT_EQ(third.Run({}), 0);
}

TEST_F(WorkerTest, ErrorsAreStatuses) {
  Worker worker = Open();
  EXPECT_EQ(worker.Started().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(worker.Next(absl::Milliseconds(kPatienceMs)).ok());
  EXPECT_EQ(worker.Gauge("load", 1).code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(worker.Gauge("Bad name", 1).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(worker.Listener("http").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(FromEnvironment, ABadChannelIsAStatusWithExitCode78) {
  setenv("DROVER_FD", "250", 1);
  const absl::StatusOr<Worker> worker = Worker::FromEnvironment();
  ASSERT_FALSE(worker.ok());
  EXPECT_EQ(ErrorOf(worker.status()), DROVER_E_CHANNEL);
  EXPECT_EQ(ExitCode(worker.status()), 78);
  unsetenv("DROVER_FD");
}

// The same program without a supervisor.
class StandaloneTest : public testing::Test {
 protected:
  StandaloneTest() { unsetenv("DROVER_FD"); }
  Worker worker_ = *Worker::FromEnvironment();
};

TEST_F(StandaloneTest, StatementsDoNothing) {
  EXPECT_FALSE(worker_.supervised());
  EXPECT_EQ(worker_.fd(), -1);
  EXPECT_EQ(worker_.pool(), "");
  EXPECT_TRUE(worker_.Started().ok());
  EXPECT_TRUE(worker_.Status("busy").ok());
  EXPECT_TRUE(worker_.Gauge("load", 1).ok());
  EXPECT_EQ(worker_.Listener("http").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(StandaloneTest, ASignalStopsAndQuits) {
  for (const int signal : {SIGTERM, SIGINT}) {
    std::vector<std::string> seen;
    Handlers handlers;
    handlers.start = [&](const Event& event) {
      seen.push_back("start");
      EXPECT_EQ(event.deadline(), absl::InfiniteDuration());
      raise(signal);
      return Answer::kDone;
    };
    handlers.stop = [&](const Event&) {
      seen.push_back("stop");
      EXPECT_TRUE(worker_.Stopped().ok());
      return Answer::kLater;
    };
    handlers.quit = [&](const Event&) {
      seen.push_back("quit");
      return Answer::kDone;
    };
    EXPECT_EQ(worker_.Run(handlers), 0);
    EXPECT_THAT(seen, ElementsAre("start", "stop", "quit"));
  }
}

TEST_F(StandaloneTest, AFailedStartIsExitCode1) {
  Handlers handlers;
  handlers.start = [](const Event&) -> absl::StatusOr<Answer> {
    return absl::UnavailableError("port in use");
  };
  EXPECT_EQ(worker_.Run(handlers), 1);
}

}  // namespace
}  // namespace drover
