#include "supervisor/os/forwarder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/testing/loop.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::HasSubstr;

struct Pipe {
  Pipe() {
    int fds[2];
    EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
    read_end.reset(fds[0]);
    write_end.reset(fds[1]);
  }
  UniqueFd read_end;
  UniqueFd write_end;
};

std::string ReadSome(int fd) {
  char buffer[65536];
  ssize_t count = ::read(fd, buffer, sizeof(buffer));
  return count > 0 ? std::string(buffer, static_cast<size_t>(count)) : "";
}

TEST(ForwarderTest, WritesTheLinesOfATurnTogether) {
  Loop loop;
  Pipe pipe;
  Forwarder forwarder(loop.io, pipe.write_end.get());
  forwarder.Write("one");
  forwarder.Write("two");
  loop.io.poll();
  EXPECT_EQ(ReadSome(pipe.read_end.get()), "one\ntwo\n");
  // What others share is left as it was.
  EXPECT_EQ(::fcntl(pipe.write_end.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(ForwarderTest, SlowReaderLosesLinesAndLearnsHowMany) {
  Loop loop;
  Pipe pipe;
  Forwarder forwarder(loop.io, pipe.write_end.get());
  const std::string line(1000, 'x');
  for (int i = 0; i < 1000; ++i) forwarder.Write(line);
  loop.io.poll();
  EXPECT_GT(forwarder.dropped(), 500u);
  // A reader that comes back finds what was kept, then the count.
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += ReadSome(pipe.read_end.get());
    loop.io.poll();
    if (text.find("lines dropped") != std::string::npos) break;
  }
  size_t kept = text.find("[drover] ") / (line.size() + 1);
  EXPECT_THAT(text, HasSubstr("[drover] " + std::to_string(1000 - kept) +
                              " lines dropped"));
}

TEST(ForwarderTest, ClosedReaderEndsForwardingAlone) {
  ::signal(SIGPIPE, SIG_IGN);
  Loop loop;
  Pipe pipe;
  Forwarder forwarder(loop.io, pipe.write_end.get());
  pipe.read_end.reset();
  forwarder.Write("one");
  loop.io.poll();
  forwarder.Write("two");
  loop.io.poll();
  EXPECT_EQ(forwarder.dropped(), 1u);
}

TEST(ForwarderTest, ClosedDescriptorIsNoError) {
  Loop loop;
  UniqueFd closed(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  int number = closed.get();
  closed.reset();
  Forwarder forwarder(loop.io, number);
  forwarder.Write("one");
  loop.io.poll();
  EXPECT_EQ(forwarder.dropped(), 1u);
}

TEST(ForwarderTest, WritesToFilesAndSockets) {
  Loop loop;
  TempDir directory;
  UniqueFd file(::open((directory / "out").c_str(),
                       O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  Forwarder to_file(loop.io, file.get());
  to_file.Write("one");
  int fds[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  UniqueFd ours(fds[0]);
  UniqueFd theirs(fds[1]);
  Forwarder to_socket(loop.io, ours.get());
  to_socket.Write("two");
  loop.io.poll();
  EXPECT_EQ(Content(directory / "out"), "one\n");
  EXPECT_EQ(ReadSome(theirs.get()), "two\n");
}

}  // namespace
}  // namespace drover::os
