// The parts of the holder, one by one; the whole with real supervisors is in
// supervisor/integration.
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/hold/inbox.h"
#include "supervisor/hold/notification.h"
#include "supervisor/hold/restarts.h"
#include "supervisor/hold/store.h"

namespace drover::hold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(NotificationTest, WhatConcernsTheHolder) {
  const Notification kept = ParseNotification("FDSTORE=1\nFDNAME=a.b\n");
  EXPECT_TRUE(kept.store);
  EXPECT_EQ(kept.name, "a.b");
  EXPECT_TRUE(ParseNotification("FDSTOREREMOVE=1\nFDNAME=a").remove);
  EXPECT_TRUE(ParseNotification("STOPPING=1\nSTATUS=x").stopping);
  EXPECT_EQ(ParseNotification("FDSTORE=1").name, "stored");
}

TEST(NotificationTest, WhatDoesNot) {
  for (const char* text : {"", "\n\n", "READY=1", "FDSTORE=0", "FDSTORE", "=",
                           "STATUS=FDSTORE=1", "fdstore=1"}) {
    const Notification said = ParseNotification(text);
    EXPECT_FALSE(said.store || said.remove || said.stopping) << text;
  }
}

TEST(NotificationTest, NamesThatCannotBeHandedOn) {
  for (const std::string& name :
       {std::string(), std::string("a:b"), std::string("a b"),
        std::string("\x1b[0m"), std::string(256, 'x')}) {
    EXPECT_FALSE(ParseNotification("FDSTORE=1\nFDNAME=" + name).store) << name;
  }
  EXPECT_TRUE(
      ParseNotification("FDSTORE=1\nFDNAME=" + std::string(255, 'x')).store);
}

UniqueFd NewFile() { return UniqueFd(::memfd_create("file", MFD_CLOEXEC)); }

TEST(StoreTest, HoldsEachOnce) {
  Store store;
  UniqueFd file = NewFile();
  EXPECT_TRUE(store.Keep("a", UniqueFd(::dup(file.get()))));
  EXPECT_TRUE(store.Keep("b", UniqueFd(::dup(file.get()))));
  EXPECT_TRUE(store.Keep("b", NewFile()));
  EXPECT_THAT(store.held(), SizeIs(2));
  store.Drop("b");
  store.Drop("never heard of");
  ASSERT_THAT(store.held(), SizeIs(1));
  EXPECT_EQ(store.held()[0].name, "a");
}

TEST(StoreTest, IsBounded) {
  Store store;
  for (size_t i = 0; i < Store::kMax; ++i) {
    EXPECT_TRUE(store.Keep("a", NewFile()));
  }
  EXPECT_FALSE(store.Keep("a", NewFile()));
  store.Drop("a");
  EXPECT_THAT(store.held(), IsEmpty());
  EXPECT_TRUE(store.Keep("a", NewFile()));
}

TEST(RestartsTest, AtOnceThenEverLater) {
  Restarts restarts;
  std::vector<int64_t> waits;
  for (int i = 0; i < 10; ++i) {
    waits.push_back(restarts.Next(Restarts::Milliseconds(5)).count());
  }
  EXPECT_THAT(waits, ElementsAre(0, 100, 200, 400, 800, 1600, 3200, 6400, 10000,
                                 10000));
  for (int i = 0; i < 100; ++i) restarts.Next({});
  EXPECT_EQ(restarts.Next({}), Restarts::kMost);
}

TEST(RestartsTest, HealthMakesItTheFirstAgain) {
  Restarts restarts;
  for (int i = 0; i < 5; ++i) restarts.Next({});
  EXPECT_EQ(restarts.Next(Restarts::kHealthy).count(), 0);
  EXPECT_EQ(restarts.Next({}), Restarts::kFirst);
}

class InboxTest : public ::testing::Test {
 protected:
  InboxTest() {
    EXPECT_TRUE(inbox.ok());
    socket_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un to = {};
    to.sun_family = AF_UNIX;
    inbox.address().copy(to.sun_path + 1, sizeof(to.sun_path) - 1, 1);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&to),
                        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                               inbox.address().size())),
              0);
  }

  void Send(const std::string& text, int fds = 0) {
    std::vector<int> numbers(static_cast<size_t>(fds), STDERR_FILENO);
    std::vector<char> control(CMSG_SPACE(numbers.size() * sizeof(int)));
    iovec content = {const_cast<char*>(text.data()), text.size()};
    msghdr message = {};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    if (fds > 0) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(numbers.size() * sizeof(int));
      ::memcpy(CMSG_DATA(header), numbers.data(), numbers.size() * sizeof(int));
    }
    EXPECT_GE(::sendmsg(socket_.get(), &message, 0), 0);
  }

  static int OpenFiles() {
    int count = 0;
    for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0;
    return count;
  }

  Inbox inbox = Inbox::Open();

 private:
  UniqueFd socket_;
};

TEST_F(InboxTest, KnowsTheSender) {
  Send("READY=1");
  auto own = inbox.Receive();
  ASSERT_TRUE(own);
  EXPECT_EQ(own->pid, ::getpid());
  EXPECT_EQ(own->text, "READY=1");
  const pid_t child = ::fork();
  if (child == 0) {
    Send("STOPPING=1");
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  auto other = inbox.Receive();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->pid, child);
  EXPECT_FALSE(inbox.Receive());
}

TEST_F(InboxTest, TakesDescriptors) {
  Send("FDSTORE=1", Inbox::kFdsMax);
  auto datagram = inbox.Receive();
  ASSERT_TRUE(datagram);
  ASSERT_THAT(datagram->fds, SizeIs(Inbox::kFdsMax));
  EXPECT_NE(::fcntl(datagram->fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(InboxTest, OfWhatIsTooMuchNothingIsLeft) {
  const int before = OpenFiles();
  Send("FDSTORE=1", Inbox::kFdsMax + 1);
  Send("FDSTORE=1", 253);
  Send("FDSTORE=1\nFDNAME=" + std::string(Inbox::kTextMax, 'x'), 1);
  Send("");
  for (int i = 0; i < 4; ++i) {
    auto datagram = inbox.Receive();
    ASSERT_TRUE(datagram);
    EXPECT_EQ(datagram->pid, ::getpid());
    EXPECT_EQ(datagram->text, "");
    EXPECT_THAT(datagram->fds, IsEmpty());
  }
  EXPECT_EQ(OpenFiles(), before);
}

}  // namespace
}  // namespace drover::hold
