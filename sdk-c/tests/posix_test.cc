// The worker of drover_posix.h over a real socket, in a process of its own
// where signals, forks or the environment are involved.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "drover.h"
#include "drover_posix.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/peer.h"

namespace {

using ::drover_tests::Frame;
using ::drover_tests::Message;
using ::drover_tests::ToSupervisor;
using ::testing::HasSubstr;

constexpr int kPatienceMs = 20000;

// The supervisor's end of a channel.
class Channel {
 public:
  Channel() {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    mine_ = fds[0];
    theirs_ = fds[1];
    setenv("DROVER_FD", std::to_string(theirs_).c_str(), 1);
    setenv("DROVER_PROTOCOL", "1", 1);
    unsetenv("DROVER_LISTEN_FDS");
  }
  ~Channel() { CloseMine(); }

  int theirs() const { return theirs_; }
  void CloseMine() {
    if (mine_ >= 0) close(mine_);
    mine_ = -1;
  }
  void CloseTheirs() { close(theirs_); }

  void Send(const std::string& text) {
    const std::string frame = Frame(Message(text));
    EXPECT_EQ(write(mine_, frame.data(), frame.size()),
              static_cast<ssize_t>(frame.size()));
  }

  // The next message in text format; "end" at the end of the stream.
  std::string Read() {
    std::string header = ReadBytes(4);
    if (header.size() < 4) return "end";
    size_t size = 0;
    for (const char byte : header)
      size = size << 8 | static_cast<uint8_t>(byte);
    ToSupervisor message;
    EXPECT_TRUE(message.ParseFromString(ReadBytes(size)));
    return message.ShortDebugString();
  }

 private:
  std::string ReadBytes(size_t size) {
    std::string bytes;
    while (bytes.size() < size) {
      pollfd ready = {mine_, POLLIN, 0};
      char chunk[4096];
      EXPECT_EQ(poll(&ready, 1, kPatienceMs), 1) << "nothing came";
      const ssize_t got =
          read(mine_, chunk, std::min(sizeof(chunk), size - bytes.size()));
      if (got <= 0) break;
      bytes.append(chunk, static_cast<size_t>(got));
    }
    return bytes;
  }

  int mine_;
  int theirs_;
};

// Runs `body` in a process of its own, which exits with what it returns.
pid_t InProcess(const std::function<int()>& body) {
  const pid_t pid = fork();
  if (pid == 0) _exit(body());
  return pid;
}

// -signal if a signal ended it.
int Wait(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int Answer(drover_worker* worker, const drover_event* event, void*) {
  switch (drover_event_kind(event)) {
    case DROVER_EVENT_START:
      return drover_started(worker, nullptr);
    case DROVER_EVENT_STOP:
      return drover_stopped(worker, nullptr);
    case DROVER_EVENT_QUIT:
    case DROVER_EVENT_LOST:
      return 1;
    default:
      return 0;
  }
}

int RunWorker() {
  drover_worker* worker = nullptr;
  const int got = drover_open(nullptr, &worker);
  if (got != 1) return got < 0 ? drover_exit_code(got) : 99;
  return drover_run(worker, Answer, nullptr);
}

// A worker in a process of its own that has said STARTED.
class RunningWorker : public testing::Test {
 protected:
  void SetUp() override {
    pid_ = InProcess([this] {
      channel_.CloseMine();
      return RunWorker();
    });
    channel_.CloseTheirs();
    EXPECT_THAT(channel_.Read(), HasSubstr("hello"));
    channel_.Send("welcome { timeouts { quit_ms: 9000 loss_ms: 2000 } }");
    channel_.Send("op: 1 start { deadline_ms: 60000 }");
    EXPECT_EQ(channel_.Read(), "re: 1 state { state: STATE_STARTED }");
  }

  Channel channel_;
  pid_t pid_ = -1;
};

TEST_F(RunningWorker, StopsAndQuits) {
  channel_.Send("ping { id: 4 }");
  EXPECT_EQ(channel_.Read(), "pong { id: 4 }");
  channel_.Send("op: 2 stop { deadline_ms: 900 }");
  EXPECT_EQ(channel_.Read(), "re: 2 state { state: STATE_STOPPED }");
  channel_.Send("op: 3 quit { deadline_ms: 900 }");
  EXPECT_EQ(channel_.Read(), "re: 3 state { state: STATE_SHUTTING_DOWN }");
  EXPECT_EQ(channel_.Read(), "end");
  EXPECT_EQ(Wait(pid_), 0);
}

// DRV-EXIT-8.
TEST_F(RunningWorker, SigtermIsQuit) {
  kill(pid_, SIGTERM);
  EXPECT_THAT(channel_.Read(), HasSubstr("STATE_SHUTTING_DOWN"));
  EXPECT_EQ(Wait(pid_), 0);
}

// DRV-EXIT-9.
TEST_F(RunningWorker, SigintIsIgnored) {
  for (uint64_t id = 1; id <= 3; ++id) {
    kill(pid_, SIGINT);
    channel_.Send("ping { id: " + std::to_string(id) + " }");
    EXPECT_EQ(channel_.Read(), "pong { id: " + std::to_string(id) + " }");
  }
  channel_.Send("op: 2 quit {}");
  EXPECT_EQ(Wait(pid_), 0);
}

// DRV-BEAT-6.
TEST_F(RunningWorker, AnswersAPingThatWaited) {
  kill(pid_, SIGSTOP);
  int status = 0;
  ASSERT_EQ(waitpid(pid_, &status, WUNTRACED), pid_);
  channel_.Send("ping { id: 8 }");
  kill(pid_, SIGCONT);
  EXPECT_EQ(channel_.Read(), "pong { id: 8 }");
  channel_.Send("op: 2 quit {}");
  EXPECT_EQ(Wait(pid_), 0);
}

TEST_F(RunningWorker, ExitsWhenTheSupervisorIsGone) {
  channel_.CloseMine();
  EXPECT_EQ(Wait(pid_), 0);
}

TEST_F(RunningWorker, ExitsWith76OnAViolation) {
  channel_.Send("welcome {}");
  EXPECT_THAT(channel_.Read(), HasSubstr("SEQUENCE"));
  EXPECT_EQ(Wait(pid_), 76);
}

// ---- Opening ----------------------------------------------------------------

TEST(Open, WithoutDroverFdIsNotSupervised) {
  unsetenv("DROVER_FD");
  int dummy = 0;
  auto* worker = reinterpret_cast<drover_worker*>(&dummy);
  EXPECT_EQ(drover_open(nullptr, &worker), 0);
  EXPECT_EQ(worker, nullptr);
}

// What a descriptor may be in place of a channel: DRV-ENV-8, DRV-ENV-9.
TEST(Open, RefusesWhatIsNoChannelAndWritesNothing) {
  int pipes[2], dgram[2];
  ASSERT_EQ(pipe(pipes), 0);
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, dgram), 0);
  const int unconnected = socket(AF_UNIX, SOCK_STREAM, 0);
  const int tcp = socket(AF_INET, SOCK_STREAM, 0);
  const int file = open("/dev/null", O_RDWR);
  std::vector<std::string> values = {
      "", "x", "3x", "-1", "99999", "200", "12345678901234567890"};
  for (const int fd : {pipes[1], dgram[0], unconnected, tcp, file}) {
    values.push_back(std::to_string(fd));
  }
  for (const std::string& value : values) {
    setenv("DROVER_FD", value.c_str(), 1);
    drover_worker* worker = nullptr;
    EXPECT_EQ(drover_open(nullptr, &worker), DROVER_E_CHANNEL) << value;
    EXPECT_EQ(worker, nullptr);
  }
  char byte;
  for (const int fd : {pipes[0], dgram[1]}) {
    pollfd ready = {fd, POLLIN, 0};
    EXPECT_EQ(poll(&ready, 1, 0), 0);
  }
  EXPECT_EQ(recv(dgram[1], &byte, 1, MSG_DONTWAIT), -1);
  for (const int fd :
       {pipes[0], pipes[1], dgram[0], dgram[1], unconnected, tcp, file}) {
    close(fd);
  }
}

TEST(Open, RefusesAnUnknownVersionWithoutAHello) {
  Channel channel;
  setenv("DROVER_PROTOCOL", "99", 1);
  drover_worker* worker = nullptr;
  const int error = drover_open(nullptr, &worker);
  EXPECT_EQ(error, DROVER_E_VERSION);
  EXPECT_EQ(drover_exit_code(error), 78);
  EXPECT_EQ(channel.Read(), "end");
}

// DRV-FD-1; and no program that is executed later takes itself for a worker.
TEST(Open, AdoptsAndClearsTheEnvironment) {
  Channel channel;
  fcntl(channel.theirs(), F_SETFD, 0);
  drover_worker* worker = nullptr;
  ASSERT_EQ(drover_open(nullptr, &worker), 1);
  EXPECT_EQ(fcntl(channel.theirs(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(channel.theirs(), F_GETFL) & O_NONBLOCK, 0);
  for (const char* name :
       {"DROVER_FD", "DROVER_PROTOCOL", "DROVER_LISTEN_FDS"}) {
    EXPECT_EQ(getenv(name), nullptr);
  }
  EXPECT_THAT(channel.Read(),
              HasSubstr("pid: " + std::to_string(getpid()) + " "));
  drover_worker* second = nullptr;
  EXPECT_EQ(drover_open(nullptr, &second), 0);
  drover_close(worker);
  EXPECT_EQ(channel.Read(), "end");
}

TEST(Open, GivesSignalsBack) {
  struct sigaction before = {}, during = {}, after = {};
  sigaction(SIGTERM, nullptr, &before);
  Channel channel;
  drover_worker* worker = nullptr;
  ASSERT_EQ(drover_open(nullptr, &worker), 1);
  sigaction(SIGTERM, nullptr, &during);
  drover_close(worker);
  sigaction(SIGTERM, nullptr, &after);
  EXPECT_NE(during.sa_handler, before.sa_handler);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

TEST(Open, LeavesSignalsToTheProgram) {
  struct sigaction before = {}, during = {};
  sigaction(SIGTERM, nullptr, &before);
  Channel channel;
  drover_options* options = nullptr;
  ASSERT_EQ(drover_options_new(&options), 0);
  EXPECT_EQ(drover_options_set_signals(options, DROVER_SIGNALS_LEAVE), 0);
  drover_worker* worker = nullptr;
  ASSERT_EQ(drover_open(options, &worker), 1);
  drover_options_free(options);
  sigaction(SIGTERM, nullptr, &during);
  EXPECT_EQ(during.sa_handler, before.sa_handler);
  channel.Send("welcome { timeouts { quit_ms: 70 } }");
  const drover_event* event = nullptr;
  ASSERT_EQ(drover_next_event(worker, kPatienceMs, &event), 1);
  EXPECT_EQ(drover_terminate(worker), 0);
  ASSERT_EQ(drover_next_event(worker, kPatienceMs, &event), 1);
  EXPECT_EQ(drover_event_kind(event), DROVER_EVENT_QUIT);
  EXPECT_EQ(drover_event_deadline(event), 70u);
  // Nobody quits: the deadline ends it.
  ASSERT_EQ(drover_next_event(worker, kPatienceMs, &event), 1);
  EXPECT_EQ(drover_event_kind(event), DROVER_EVENT_END);
  EXPECT_EQ(drover_next_event(worker, -1, &event), 0);
  drover_close(worker);
}

// ---- Listeners --------------------------------------------------------------

int ListeningSocket() {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;  // the kernel picks an abstract name
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  EXPECT_EQ(
      bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)), 0);
  EXPECT_EQ(listen(fd, 8), 0);
  return fd;
}

class Listeners : public testing::Test {
 protected:
  ~Listeners() override {
    drover_close(worker_);
    close(listening_);
  }
  int Open(const std::string& value) {
    setenv("DROVER_LISTEN_FDS", value.c_str(), 1);
    return drover_open(nullptr, &worker_);
  }
  Channel channel_;
  int listening_ = ListeningSocket();
  const std::string number_ = std::to_string(listening_);
  drover_worker* worker_ = nullptr;
};

// DRV-FD-4, DRV-FD-5, DRV-FD-7.
TEST_F(Listeners, AreFoundByNameAndChecked) {
  const int flags = fcntl(listening_, F_GETFL);
  ASSERT_EQ(Open("1:stdout,junk,:x,7,9999999999:y," + number_ + ":http"), 1);
  EXPECT_EQ(drover_listener(worker_, "http"), listening_);
  EXPECT_EQ(drover_listener(worker_, "admin"), DROVER_E_NOT_FOUND);
  EXPECT_EQ(drover_listener(worker_, "stdout"), DROVER_E_LISTENER);
  EXPECT_EQ(fcntl(1, F_GETFD), 0);
  EXPECT_EQ(fcntl(listening_, F_GETFL), flags);
  EXPECT_EQ(fcntl(listening_, F_GETFD), FD_CLOEXEC);
  ASSERT_EQ(drover_listener_count(worker_), 2);
  EXPECT_STREQ(drover_listener_name(worker_, 1), "http");
  EXPECT_EQ(drover_listener_name(worker_, 2), nullptr);
}

TEST_F(Listeners, ThatWelcomeConfirmsAreFine) {
  ASSERT_EQ(Open(number_ + ":http"), 1);
  channel_.Send("welcome { listeners { fd: " + number_ + " name: 'http' } }");
  const drover_event* event = nullptr;
  ASSERT_EQ(drover_next_event(worker_, kPatienceMs, &event), 1);
  EXPECT_EQ(drover_event_kind(event), DROVER_EVENT_WELCOME);
}

// DRV-FD-10.
TEST_F(Listeners, ThatWelcomeDoesNotNameEndTheWorker) {
  ASSERT_EQ(Open(number_ + ":http"), 1);
  channel_.Send("welcome { listeners { fd: " + number_ + " name: 'admin' } }");
  const drover_event* event = nullptr;
  ASSERT_EQ(drover_next_event(worker_, kPatienceMs, &event), 1);
  EXPECT_EQ(drover_event_kind(event), DROVER_EVENT_END);
  EXPECT_EQ(drover_event_exit_code(event), 78);
  EXPECT_THAT(channel_.Read(), HasSubstr("hello"));
  EXPECT_THAT(channel_.Read(), HasSubstr("fatal"));
}

// ---- Loops, threads, forks --------------------------------------------------

class OpenWorker : public testing::Test {
 protected:
  void SetUp() override {
    drover_options* options = nullptr;
    ASSERT_EQ(drover_options_new(&options), 0);
    drover_options_add_capability(options, DROVER_CAPABILITY_USER_MESSAGES);
    ASSERT_EQ(drover_open(options, &worker_), 1);
    drover_options_free(options);
    EXPECT_THAT(channel_.Read(), HasSubstr("hello"));
    channel_.Send("welcome { capabilities: 6 timeouts { loss_ms: 60000 } }");
    EXPECT_EQ(Next(), DROVER_EVENT_WELCOME);
    channel_.Send("op: 1 start { deadline_ms: 60000 }");
    EXPECT_EQ(Next(), DROVER_EVENT_START);
    EXPECT_EQ(drover_started(worker_, nullptr), 0);
    EXPECT_THAT(channel_.Read(), HasSubstr("STARTED"));
  }
  void TearDown() override { drover_close(worker_); }

  int Next(int timeout_ms = kPatienceMs) {
    const drover_event* event = nullptr;
    EXPECT_GE(drover_next_event(worker_, timeout_ms, &event), 0);
    return drover_event_kind(event);
  }
  bool Readable(int timeout_ms) {
    pollfd ready = {drover_fd(worker_), POLLIN, 0};
    return poll(&ready, 1, timeout_ms) == 1;
  }

  Channel channel_;
  drover_worker* worker_ = nullptr;
};

TEST_F(OpenWorker, DescriptorIsReadableWhileThereIsSomethingToDo) {
  EXPECT_FALSE(Readable(0));
  channel_.Send("op: 2 stop { deadline_ms: 40 }");
  EXPECT_TRUE(Readable(kPatienceMs));
  EXPECT_EQ(Next(0), DROVER_EVENT_STOP);
  EXPECT_FALSE(Readable(0));
  EXPECT_TRUE(Readable(kPatienceMs));  // the deadline
  EXPECT_EQ(Next(0), DROVER_EVENT_DEADLINE);
  EXPECT_EQ(drover_stopped_forced(worker_, "", 1), 0);
  EXPECT_FALSE(Readable(0));
}

TEST_F(OpenWorker, OneEventOfManyLeavesItReadable) {
  channel_.Send("user_message { topic: 'a' }");
  channel_.Send("user_message { topic: 'b' }");
  EXPECT_TRUE(Readable(kPatienceMs));
  EXPECT_EQ(Next(0), DROVER_EVENT_MESSAGE);
  EXPECT_TRUE(Readable(kPatienceMs));
  EXPECT_EQ(Next(0), DROVER_EVENT_MESSAGE);
  EXPECT_FALSE(Readable(0));
}

TEST_F(OpenWorker, ALostChannelIsToldOnceAndDoesNotSpin) {
  channel_.CloseMine();
  EXPECT_TRUE(Readable(kPatienceMs));
  EXPECT_EQ(Next(0), DROVER_EVENT_LOST);
  EXPECT_FALSE(Readable(0));
  EXPECT_EQ(drover_status(worker_, "finishing"), DROVER_E_STATE);
}

// DRV-FRAME-11: the process lives; DRV-FRAME-10: what was sent before counts.
TEST_F(OpenWorker, WritingToAClosedChannelIsNoSignal) {
  channel_.Send("op: 2 stop { deadline_ms: 900 }");
  channel_.CloseMine();
  EXPECT_EQ(drover_send(worker_, "a", "x", 1, nullptr), 0);
  EXPECT_EQ(drover_send(worker_, "a", "x", 1, nullptr), 0);
  EXPECT_EQ(Next(), DROVER_EVENT_STOP);
  EXPECT_EQ(Next(), DROVER_EVENT_LOST);
}

// DRV-FRAME-7, DRV-FRAME-8.
TEST_F(OpenWorker, ThreadsDoNotTearFrames) {
  constexpr int kThreads = 8;
  constexpr int kEach = 40;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] {
      const std::string data(1000, static_cast<char>('a' + i));
      for (int j = 0; j < kEach; ++j) {
        EXPECT_EQ(drover_send(worker_, "t", data.data(), data.size(),
                              nullptr) == DROVER_E_INVALID,
                  false);
        drover_status(worker_, "working");
      }
    });
  }
  std::atomic<bool> done{false};
  std::thread loop([&] {
    while (!done) Next(5);
  });
  for (std::thread& thread : threads) thread.join();
  channel_.Send("ping { id: 99 }");
  int messages = 0;
  for (std::string text; text != "pong { id: 99 }";) {
    text = channel_.Read();
    ASSERT_NE(text, "end");
    messages += text.find("user_message") != std::string::npos;
  }
  done = true;
  loop.join();
  EXPECT_GT(messages, 0);
  EXPECT_LE(messages, kThreads * kEach);
}

// A report from another thread wakes the loop when it has to: END is such.
TEST_F(OpenWorker, AThreadsLastWordsEndTheLoop) {
  std::thread thread([this] { drover_fatal(worker_, 7, "broken"); });
  EXPECT_EQ(Next(), DROVER_EVENT_END);
  thread.join();
  EXPECT_EQ(channel_.Read(), "fatal { code: 7 text: \"broken\" }");
}

// DRV-FD-2.
TEST_F(OpenWorker, AForkedChildHasNoChannelAndNoVoice) {
  const int theirs = channel_.theirs();
  const pid_t child = InProcess([&] {
    const drover_event* event = nullptr;
    struct sigaction action = {};
    sigaction(SIGTERM, nullptr, &action);
    if (fcntl(theirs, F_GETFD) != -1 || errno != EBADF) return 1;
    if (drover_status(worker_, "child") != DROVER_E_FORKED) return 2;
    if (drover_next_event(worker_, -1, &event) != DROVER_E_FORKED) return 3;
    if (drover_fd(worker_) != DROVER_E_FORKED) return 4;
    if (action.sa_handler != SIG_DFL) return 5;
    drover_close(worker_);
    return 0;
  });
  EXPECT_EQ(Wait(child), 0);
  channel_.Send("ping { id: 2 }");
  EXPECT_EQ(Next(0), DROVER_EVENT_NONE);
  EXPECT_EQ(channel_.Read(), "pong { id: 2 }");
}

// While another thread makes statements, a fork does not deadlock the child.
TEST_F(OpenWorker, ForksWhileThreadsSpeak) {
  std::atomic<bool> done{false};
  std::thread thread([&] {
    while (!done) drover_status(worker_, "busy");
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = InProcess(
        [&] { return drover_state(worker_) == DROVER_E_FORKED ? 0 : 1; });
    EXPECT_EQ(Wait(child), 0);
  }
  done = true;
  thread.join();
}

TEST_F(OpenWorker, ATimeoutIsNoEvent) {
  const drover_event* event = nullptr;
  EXPECT_EQ(drover_next_event(worker_, 0, &event), 0);
  EXPECT_EQ(drover_next_event(worker_, 5, &event), 0);
  EXPECT_EQ(drover_event_kind(event), DROVER_EVENT_NONE);
}

TEST_F(OpenWorker, DispatchHandsOutAllThatIsDue) {
  std::vector<int> kinds;
  const auto collect = [](drover_worker*, const drover_event* event,
                          void* context) {
    static_cast<std::vector<int>*>(context)->push_back(
        drover_event_kind(event));
    return 0;
  };
  EXPECT_EQ(drover_dispatch(worker_, collect, &kinds), 0);
  channel_.Send("user_message { topic: 'a' }");
  channel_.Send("op: 2 stop { deadline_ms: 900 }");
  EXPECT_EQ(drover_dispatch(worker_, collect, &kinds), 0);
  channel_.Send("protocol_error {}");
  EXPECT_EQ(drover_dispatch(worker_, collect, &kinds), 1);
  EXPECT_THAT(kinds, testing::ElementsAre(DROVER_EVENT_MESSAGE,
                                          DROVER_EVENT_STOP, DROVER_EVENT_END));
}

}  // namespace
