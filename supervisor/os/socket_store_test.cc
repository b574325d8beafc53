#include "supervisor/os/socket_store.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/os/listener_set.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Keeps duplicates, as the real ones do.
class FakeStore : public FdStore {
 public:
  void Keep(const std::string& name, int fd) override {
    kept[name] = UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  }
  void Drop(const std::string& name) override { kept.erase(name); }

  // What a successor is handed.
  std::vector<HandedFd> HandOver() {
    std::vector<HandedFd> handed;
    for (auto& [name, fd] : kept) {
      handed.push_back({name, UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0))});
    }
    return handed;
  }

  std::map<std::string, UniqueFd> kept;
};

config::v1::Config Config(const std::string& address,
                          const std::string& listener = "http") {
  config::v1::Config config;
  config::v1::Pool* pool = config.add_pools();
  pool->set_name("web");
  pool->add_listeners()->set_name(listener);
  pool->mutable_listeners(0)->set_address(address);
  return config;
}

ino_t InodeOf(int fd) {
  struct stat info = {};
  EXPECT_EQ(::fstat(fd, &info), 0);
  return info.st_ino;
}

// A supervisor's listener, from start to crash.
struct Life {
  Life(const std::shared_ptr<FakeStore>& store,
       const config::v1::Config& config)
      : sockets(store, store->HandOver()), set(sockets) {
    sockets.KeepOnly(SocketsOf(config));
    auto opened = set.Take(config.pools(0));
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) listeners = *std::move(opened);
  }

  int fd() const { return listeners.at(0).socket->fd(); }
  const std::string& address() const {
    return listeners.at(0).socket->bound_address();
  }

  SocketStore sockets;
  ListenerSet set;
  std::vector<NamedListener> listeners;
};

class SocketStoreTest : public ::testing::Test {
 protected:
  // Ends as a killed process does: it lets go of its descriptors and does
  // nothing else. Its dropping is not heard of.
  void Kill(std::unique_ptr<Life> life, const std::string& path = "") {
    std::map<std::string, UniqueFd> former;
    for (auto& [name, fd] : store->kept) {
      former[name] = UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
    }
    const std::string aside = path + ".aside";
    if (!path.empty()) {
      std::filesystem::rename(path, aside);
      std::filesystem::rename(path + ".lock", aside + ".lock");
    }
    life.reset();
    store->kept = std::move(former);
    if (!path.empty()) {
      std::filesystem::rename(aside, path);
      std::filesystem::rename(aside + ".lock", path + ".lock");
    }
  }

  std::unique_ptr<Life> Start(const config::v1::Config& config) {
    return std::make_unique<Life>(store, config);
  }

  std::string Unix(const std::string& name) {
    return "unix://" + (directory / name);
  }

  TempDir directory;
  std::shared_ptr<FakeStore> store = std::make_shared<FakeStore>();
};

TEST_F(SocketStoreTest, WithoutAStoreNothingIsKept) {
  SocketStore none;
  ListenerSet set(none);
  EXPECT_TRUE(set.Take(Config("tcp://127.0.0.1:0").pools(0)).ok());
}

TEST_F(SocketStoreTest, WhatIsLetGoIsDropped) {
  auto life = Start(Config(Unix("a")));
  EXPECT_THAT(store->kept, SizeIs(2));  // itself and its lock
  life.reset();
  EXPECT_THAT(store->kept, IsEmpty());
}

TEST_F(SocketStoreTest, ASuccessorHasTheSamePort) {
  for (const char* address : {"tcp://127.0.0.1:0", "tcp://[::1]:0"}) {
    auto life = Start(Config(address));
    const std::string bound = life->address();
    const ino_t socket = InodeOf(life->fd());
    Kill(std::move(life));
    life = Start(Config(address));
    EXPECT_EQ(life->address(), bound);
    EXPECT_EQ(InodeOf(life->fd()), socket);
    life.reset();
    EXPECT_THAT(store->kept, IsEmpty());
  }
}

TEST_F(SocketStoreTest, OfAnyPortTheNameDecides) {
  auto life = Start(Config("tcp://127.0.0.1:0", "http"));
  const std::string bound = life->address();
  Kill(std::move(life));
  ::testing::internal::CaptureStderr();
  life = Start(Config("tcp://127.0.0.1:0", "admin"));
  EXPECT_NE(life->address(), bound);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr(absl::StrCat("(", bound, "); closed")));
}

TEST_F(SocketStoreTest, ASuccessorHasTheSameUnixSocket) {
  auto life = Start(Config(Unix("a")));
  const ino_t socket = InodeOf(life->fd());
  Kill(std::move(life), directory / "a");
  life = Start(Config(Unix("a")));
  EXPECT_EQ(InodeOf(life->fd()), socket);
  life.reset();
  EXPECT_FALSE(std::filesystem::exists(directory / "a"));
  EXPECT_FALSE(std::filesystem::exists(directory / "a.lock"));
}

TEST_F(SocketStoreTest, TheLockHoldsUntilTheSuccessorHasIt) {
  Kill(Start(Config(Unix("a"))), directory / "a");
  SocketStore none;
  auto other = UnixListener::Open(directory / "a", 0600, 5, none);
  EXPECT_EQ(other.status().code(), absl::StatusCode::kAlreadyExists);
  Start(Config(Unix("a")));
}

TEST_F(SocketStoreTest, APathThatIsNoMoreThatSocketIsBoundAnew) {
  auto life = Start(Config(Unix("a")));
  const ino_t socket = InodeOf(life->fd());
  Kill(std::move(life), directory / "a");
  std::filesystem::remove(directory / "a");
  life = Start(Config(Unix("a")));
  EXPECT_NE(InodeOf(life->fd()), socket);
  EXPECT_NE(PlaceOf(directory / "a"), "");
}

TEST_F(SocketStoreTest, WhatTheConfigurationDoesNotNameGoesWithItsPath) {
  Kill(Start(Config(Unix("a"))), directory / "a");
  ::testing::internal::CaptureStderr();
  auto life = Start(Config(Unix("b")));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("is no listener of the configuration"));
  EXPECT_FALSE(std::filesystem::exists(directory / "a"));
  EXPECT_THAT(store->kept, SizeIs(2));
}

// Those of a service manager, under names of its choice.
class SocketUnitTest : public SocketStoreTest {
 protected:
  UniqueFd Bound(const std::string& address) {
    SocketStore none;
    ListenerSet set(none);
    auto opened = set.Take(Config(address).pools(0));
    EXPECT_TRUE(opened.ok());
    address_ = opened->at(0).socket->bound_address();
    return UniqueFd(::fcntl(opened->at(0).socket->fd(), F_DUPFD_CLOEXEC, 0));
  }

  std::string address_;
};

TEST_F(SocketUnitTest, AreFoundByTheirAddress) {
  UniqueFd socket = Bound("tcp://127.0.0.1:0");
  const ino_t inode = InodeOf(socket.get());
  ::fcntl(socket.get(), F_SETFL, 0);  // as a unit has it that says nothing
  std::vector<HandedFd> handed;
  handed.push_back({"web.socket", std::move(socket)});
  SocketStore sockets(store, std::move(handed));
  sockets.KeepOnly(SocketsOf(Config(address_)));
  ListenerSet set(sockets);
  auto taken = set.Take(Config(address_).pools(0));
  ASSERT_TRUE(taken.ok()) << taken.status();
  const int fd = taken->at(0).socket->fd();
  EXPECT_EQ(InodeOf(fd), inode);
  EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  // The manager hands it over each time by itself.
  EXPECT_THAT(store->kept, IsEmpty());
}

TEST_F(SocketUnitTest, WhatDoesNotListenOrIsAnythingElseIsClosed) {
  std::vector<HandedFd> handed;
  handed.push_back({"a", UniqueFd(::open("/dev/null", O_RDONLY))});
  handed.push_back({"b", UniqueFd(::socket(AF_INET, SOCK_STREAM, 0))});
  handed.push_back({"c", UniqueFd(::socket(AF_INET, SOCK_DGRAM, 0))});
  handed.push_back({"d", Bound("tcp://127.0.0.1:0")});
  ::testing::internal::CaptureStderr();
  SocketStore sockets(store, std::move(handed));
  sockets.KeepOnly(SocketsOf(Config("tcp://127.0.0.1:1")));
  const std::string said = ::testing::internal::GetCapturedStderr();
  for (const char* name : {": a", ": b", ": c", ": d"}) {
    EXPECT_THAT(said, HasSubstr(name));
  }
}

TEST_F(SocketUnitTest, TheSecondForOneListenerIsClosed) {
  std::vector<HandedFd> handed;
  UniqueFd socket = Bound("tcp://127.0.0.1:0");
  handed.push_back({"a", UniqueFd(::dup(socket.get()))});
  handed.push_back({"b", std::move(socket)});
  ::testing::internal::CaptureStderr();
  SocketStore sockets(store, std::move(handed));
  sockets.KeepOnly(SocketsOf(Config(address_)));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("is there twice: b"));
}

}  // namespace
}  // namespace drover::os
