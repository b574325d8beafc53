#include "supervisor/os/notifier.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/testing/loop.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::HasSubstr;

// The service manager's end.
class Manager {
 public:
  explicit Manager(const std::string& address) {
    socket_ = UniqueFd(
        ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un to = {};
    to.sun_family = AF_UNIX;
    address.copy(to.sun_path, sizeof(to.sun_path) - 1);
    if (address[0] == '@') to.sun_path[0] = '\0';
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&to),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                            address.size())),
              0);
  }

  // The next datagram; empty if there is none. Its descriptor is in fd.
  std::string Receive() {
    char text[4096];
    iovec content = {text, sizeof(text)};
    alignas(cmsghdr) char control[256];
    msghdr message = {};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    ssize_t size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    fd.reset();
    if (size < 0) return "";
    if (cmsghdr* header = CMSG_FIRSTHDR(&message)) {
      int number;
      ::memcpy(&number, CMSG_DATA(header), sizeof(number));
      fd.reset(number);
    }
    return std::string(text, static_cast<size_t>(size));
  }

  UniqueFd fd;

 private:
  UniqueFd socket_;
};

class NotifierTest : public ::testing::Test {
 protected:
  std::shared_ptr<Notifier> Connect(const std::string& address) {
    auto notifier = Notifier::Connect(loop.io, address);
    EXPECT_TRUE(notifier.ok()) << notifier.status();
    return *std::move(notifier);
  }

  TempDir directory;
  Loop loop;
};

TEST_F(NotifierTest, SpeaksToAPath) {
  Manager manager(directory / "notify");
  auto notifier = Connect(directory / "notify");
  notifier->Send("READY=1");
  EXPECT_EQ(manager.Receive(), "READY=1");
}

TEST_F(NotifierTest, SpeaksToAnAbstractName) {
  const std::string name = "@drover" + (directory / "x");
  Manager manager(name);
  auto notifier = Connect(name);
  notifier->Send("STATUS=fine");
  EXPECT_EQ(manager.Receive(), "STATUS=fine");
}

TEST_F(NotifierTest, NeedsAnAddress) {
  for (const char* address : {"", "/", "@", "relative", "vsock:1:2"}) {
    EXPECT_FALSE(Notifier::Connect(loop.io, address).ok()) << address;
  }
  EXPECT_FALSE(Notifier::Connect(loop.io, "/" + std::string(200, 'x')).ok());
}

TEST_F(NotifierTest, KeepsAndDropsDescriptors) {
  Manager manager(directory / "notify");
  auto notifier = Connect(directory / "notify");
  UniqueFd null_device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  {
    KeptFd kept(notifier, "a.b", null_device.get());
    EXPECT_EQ(manager.Receive(), "FDSTORE=1\nFDNAME=a.b\n");
    struct stat ours = {};
    struct stat theirs = {};
    ASSERT_EQ(::fstat(null_device.get(), &ours), 0);
    ASSERT_EQ(::fstat(manager.fd.get(), &theirs), 0);
    EXPECT_EQ(ours.st_rdev, theirs.st_rdev);
    EXPECT_EQ(manager.Receive(), "");
  }
  EXPECT_EQ(manager.Receive(), "FDSTOREREMOVE=1\nFDNAME=a.b\n");
}

TEST_F(NotifierTest, WhatIsKeptMayOutliveTheStore) {
  Manager manager(directory / "notify");
  std::shared_ptr<Notifier> notifier = Connect(directory / "notify");
  KeptFd kept(notifier, "a", STDERR_FILENO);
  manager.Receive();
  notifier->DropAll();
  EXPECT_EQ(manager.Receive(), "FDSTOREREMOVE=1\nFDNAME=a\n");
  notifier.reset();
}

TEST_F(NotifierTest, WaitsForASlowManagerAndKeepsTheOrder) {
  Manager manager(directory / "notify");
  auto notifier = Connect(directory / "notify");
  constexpr int kMany = 900;
  for (int i = 0; i < kMany; ++i) notifier->Send("X=" + std::to_string(i));
  for (int i = 0; i < kMany; ++i) {
    std::string received;
    ASSERT_TRUE(loop.RunUntil([&] {
      received = manager.Receive();
      return !received.empty();
    }));
    ASSERT_EQ(received, "X=" + std::to_string(i));
  }
}

TEST_F(NotifierTest, OneThatReadsNothingCostsNoMoreThanItsQueue) {
  Manager manager(directory / "notify");
  auto notifier = Connect(directory / "notify");
  ::testing::internal::CaptureStderr();
  for (size_t i = 0; i < Notifier::kWaitingMax + 2000; ++i) {
    notifier->Send("X=1");
  }
  notifier->Flush(std::chrono::milliseconds(1));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("lost"));
}

TEST_F(NotifierTest, OneThatIsGoneIsToldOnceAndFoundAgain) {
  auto manager = std::make_unique<Manager>(directory / "notify");
  auto notifier = Connect(directory / "notify");
  manager.reset();
  ::testing::internal::CaptureStderr();
  notifier->Send("X=1");
  notifier->Send("X=2");
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("does not hear it any more"));
  EXPECT_EQ(said.find("hear"), said.rfind("hear"));
  std::filesystem::remove(directory / "notify");
  Manager again(directory / "notify");
  notifier->Send("X=3");
  EXPECT_EQ(again.Receive(), "X=3");
}

}  // namespace
}  // namespace drover::os
