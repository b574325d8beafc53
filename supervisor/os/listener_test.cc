#include "supervisor/os/listener.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/admin_socket.h"
#include "supervisor/os/listener_set.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

SocketStore no_sockets;

config::v1::Pool Spec(const std::string& pool, const std::string& address) {
  config::v1::Pool spec;
  spec.set_name(pool);
  spec.add_listeners()->set_name("http");
  spec.mutable_listeners(0)->set_address(address);
  return spec;
}

mode_t ModeAt(const std::string& path) {
  struct stat info = {};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

// A socket at the path as another program would make it.
UniqueFd ForeignSocket(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = AddressOf(path);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address),
                   sizeof(address)),
            0);
  EXPECT_EQ(::listen(socket.get(), 5), 0);
  return socket;
}

TEST(ListenerSetTest, OpensBothVersionsOnAnyPort) {
  for (const char* host : {"127.0.0.1", "[::1]"}) {
    SocketStore sockets;
    ListenerSet set(sockets);
    auto taken = set.Take(Spec("web", absl::StrCat("tcp://", host, ":0")));
    ASSERT_TRUE(taken.ok()) << taken.status();
    const NamedListener& listener = taken->at(0);
    EXPECT_EQ(listener.name, "http");
    EXPECT_THAT(listener.socket->bound_address(),
                AllOf(StartsWith(absl::StrCat("tcp://", host, ":")),
                      ::testing::Not(::testing::EndsWith(":0"))));
    EXPECT_NE(::fcntl(listener.socket->fd(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(::fcntl(listener.socket->fd(), F_GETFD), FD_CLOEXEC);
  }
}

TEST(ListenerSetTest, GenerationsShareASocketAndTheLastOneClosesIt) {
  SocketStore sockets;
  ListenerSet set(sockets);
  ListenerSet other(sockets);
  auto first = set.Take(Spec("web", "tcp://127.0.0.1:0"));
  ASSERT_TRUE(first.ok());
  const std::string address = first->at(0).socket->bound_address();
  first->clear();

  first = set.Take(Spec("web", address));
  auto second = set.Take(Spec("renamed", address));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->at(0).socket, second->at(0).socket);
  first->clear();
  auto busy = other.Take(Spec("web", address));
  EXPECT_EQ(busy.status().message(),
            absl::StrCat("pool web: listener http (", address,
                         "): Address already in use"));
  second->clear();
  EXPECT_TRUE(other.Take(Spec("web", address)).ok());
}

TEST(ListenerSetTest, AnyPortIsAnotherOneInEachPool) {
  SocketStore sockets;
  ListenerSet set(sockets);
  auto first = set.Take(Spec("web", "tcp://127.0.0.1:0"));
  auto second = set.Take(Spec("api", "tcp://127.0.0.1:0"));
  auto again = set.Take(Spec("web", "tcp://127.0.0.1:0"));
  ASSERT_TRUE(first.ok() && second.ok() && again.ok());
  EXPECT_NE(first->at(0).socket, second->at(0).socket);
  EXPECT_EQ(first->at(0).socket, again->at(0).socket);
}

TEST(ListenerSetTest, UnixSocketHasItsModeAndGoesWithItsOwner) {
  TempDir directory;
  const std::string path = directory / "app.sock";
  config::v1::Pool spec = Spec("web", "unix://" + path);
  spec.mutable_listeners(0)->set_mode("0620");
  SocketStore sockets;
  ListenerSet set(sockets);
  auto taken = set.Take(spec);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(ModeAt(path), 0620u);
  taken->clear();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(UnixListenerTest, TakesADeadOwnersPlace) {
  TempDir directory;
  const std::string path = directory / "app.sock";
  ForeignSocket(path);
  directory.Write("app.sock.lock", "4242\n");
  auto listener = UnixListener::Open(path, 0600, 5, no_sockets);
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_EQ(Content(path + ".lock"), absl::StrCat(::getpid(), "\n"));
}

TEST(UnixListenerTest, NeverALivingOnes) {
  TempDir directory;
  const std::string path = directory / "app.sock";
  UniqueFd foreign = ForeignSocket(path);
  auto listener = UnixListener::Open(path, 0600, 5, no_sockets);
  EXPECT_TRUE(absl::IsAlreadyExists(listener.status()));
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".lock"));
}

TEST(UnixListenerTest, NorAFiles) {
  TempDir directory;
  const std::string path = directory.Write("app.sock", "precious");
  auto listener = UnixListener::Open(path, 0600, 5, no_sockets);
  EXPECT_TRUE(absl::IsAlreadyExists(listener.status()));
  EXPECT_EQ(Content(path), "precious");
}

TEST(UnixListenerTest, PathMayBeTooLong) {
  auto listener =
      UnixListener::Open("/tmp/" + std::string(200, 'x'), 0600, 5, no_sockets);
  EXPECT_TRUE(absl::IsInvalidArgument(listener.status()));
}

TEST(AdminSocketTest, MakesItsDirectoryForItselfAlone) {
  TempDir directory;
  auto socket =
      OpenAdminSocket(directory / "drover/admin.sock", 0600, no_sockets);
  ASSERT_TRUE(socket.ok()) << socket.status();
  EXPECT_EQ(ModeAt(directory / "drover"), 0700u);
  EXPECT_EQ(ModeAt(directory / "drover/admin.sock"), 0600u);
}

TEST(AdminSocketTest, SecondSupervisorIsRefusedByTheFirstOnesPid) {
  TempDir directory;
  const std::string path = directory / "admin.sock";
  auto first = OpenAdminSocket(path, 0600, no_sockets);
  ASSERT_TRUE(first.ok());
  // A lock of another open file is another holder's, as a process's would be.
  auto second = OpenAdminSocket(path, 0600, no_sockets);
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  EXPECT_THAT(
      std::string(second.status().message()),
      AllOf(HasSubstr(path), HasSubstr(absl::StrCat("pid ", ::getpid()))));
  // The first is undisturbed.
  UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = AddressOf(path);
  EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address),
                      sizeof(address)),
            0);
}

TEST(AdminSocketTest, KilledSupervisorsSocketIsTakenOver) {
  TempDir directory;
  const std::string path = directory / "admin.sock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  pid_t pid = ::fork();
  if (pid == 0) {
    auto socket = OpenAdminSocket(path, 0600, no_sockets);
    if (socket.ok() && ::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_FALSE(OpenAdminSocket(path, 0600, no_sockets).ok());
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(OpenAdminSocket(path, 0600, no_sockets).ok());
}

}  // namespace
}  // namespace drover::os
