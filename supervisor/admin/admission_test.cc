// Who comes in, how many, and under whose name.
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "supervisor/admin/testing.h"

namespace drover::admin {
namespace {

using control::v1::ToSupervisor;
using grpc::Status;

constexpr uint32_t kNobody = 65534;

// A second user to call as, where this process may take its part: as root, with
// more than one user mapped.
uint32_t OtherUser(const std::string& path) {
  return ConnectAs(path, kNobody).ok() ? kNobody : ::getuid();
}

// The gateway closes it within a step's time.
bool IsClosed(int socket) {
  pollfd poll = {socket, POLLIN, 0};
  auto patience = std::chrono::milliseconds(kPatience).count();
  if (::poll(&poll, 1, static_cast<int>(patience)) != 1) return false;
  char byte;
  return ::recv(socket, &byte, 1, 0) <= 0;
}

// The server's settings, its first frame, have come: it is being served.
bool IsServed(int socket) {
  pollfd poll = {socket, POLLIN, 0};
  auto patience = std::chrono::milliseconds(kPatience).count();
  if (::poll(&poll, 1, static_cast<int>(patience)) != 1) return false;
  char byte;
  return ::recv(socket, &byte, 1, MSG_PEEK) == 1;
}

class AdmissionTest : public GatewayTest {
 protected:
  // Answers every call until `done`; what the supervisor is not asked here.
  void AnswerUntil(const std::atomic<bool>& done) {
    while (!done) {
      std::optional<ToSupervisor> message = fake_->Next();
      if (!message.has_value()) return;
      if (!message->has_call()) continue;
      Answer(message->call());
    }
  }

  void Answer(const control::v1::Call& call) {
    v1::GetPoolRequest request;
    request.ParseFromString(call.request());
    v1::Pool pool;
    pool.set_name(absl::StrCat(call.caller().uid()));
    fake_->Reply(call.id(), pool);
    fake_->End(call.id());
  }

  Status CallOnce(std::shared_ptr<grpc::Channel> channel, v1::Pool* pool) {
    auto stub = v1::AdminService::NewStub(std::move(channel));
    auto context = Patient();
    context->set_wait_for_ready(true);
    return stub->GetPool(context.get(), {}, pool);
  }

  // A call while this thread plays the supervisor.
  Status CallAndAnswer(std::shared_ptr<grpc::Channel> channel) {
    v1::Pool pool;
    auto done = std::async(std::launch::async,
                           [&] { return CallOnce(channel, &pool); });
    std::optional<control::v1::Call> call = fake_->NextCall();
    if (call.has_value()) Answer(*call);
    return done.get();
  }
};

TEST_F(AdmissionTest, AUserWithoutARoleIsClosedAtOnce) {
  control::v1::Setup setup = FakeSupervisor::OwnUser();
  setup.mutable_roles(0)->set_uid(::getuid() + 1);
  Launch(setup);
  UniqueFd socket = Connect(fake_->path());
  ASSERT_TRUE(socket.ok());
  EXPECT_TRUE(IsClosed(socket.get()));
  // Over gRPC it looks like a server that is not there.
  auto stub = NewStub();
  auto context = Patient();
  v1::Pool pool;
  EXPECT_EQ(stub->GetPool(context.get(), {}, &pool).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(AdmissionTest, EachCallerKeepsItsNameHoweverSocketsAreReused) {
  control::v1::Setup setup = FakeSupervisor::OwnUser();
  setup.mutable_roles(0)->set_uid(kNobody);
  setup.add_roles()->set_uid(::getuid());
  Launch(setup);
  std::atomic<bool> done = false;
  std::thread supervisor([&] { AnswerUntil(done); });
  std::atomic<int> wrong = 0;
  auto churn = [&](uint32_t uid) {
    for (int i = 0; i < 150; ++i) {
      UniqueFd socket = uid == ::getuid() ? Connect(fake_->path())
                                          : ConnectAs(fake_->path(), uid);
      v1::Pool pool;
      Status status = CallOnce(
          grpc::CreateInsecureChannelFromFd("admin", socket.release()), &pool);
      if (!status.ok() || pool.name() != absl::StrCat(uid)) ++wrong;
    }
  };
  uint32_t other = OtherUser(fake_->path());
  std::vector<std::thread> clients;
  for (uint32_t uid : {::getuid(), other, ::getuid(), other}) {
    clients.emplace_back(churn, uid);
  }
  for (std::thread& client : clients) client.join();
  done = true;
  v1::Pool pool;
  CallOnce(NewChannel(), &pool);
  supervisor.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(AdmissionTest, ManyIdleConnectionsAreCappedAndANewClientServedAfter) {
  constexpr size_t kIdle = 2000;
  rlimit limit;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kIdle + 200);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GE(limit.rlim_cur, kIdle + 200);

  control::v1::Setup setup = FakeSupervisor::OwnUser();
  setup.set_max_connections(100);
  Launch(setup);
  std::vector<UniqueFd> idle;
  for (size_t i = 0; i < kIdle; ++i) {
    idle.push_back(Connect(fake_->path()));
    ASSERT_TRUE(idle.back().ok()) << i;
  }
  // In order: the first are inside, the rest is not.
  for (size_t i = 0; i < 100; ++i) ASSERT_TRUE(IsServed(idle[i].get())) << i;
  pollfd poll = {idle[100].get(), POLLIN, 0};
  EXPECT_EQ(::poll(&poll, 1, 50), 0);

  v1::Pool pool;
  auto done = std::async(std::launch::async,
                         [&] { return CallOnce(NewChannel(), &pool); });
  idle.clear();
  std::optional<control::v1::Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  Answer(*call);
  EXPECT_TRUE(done.get().ok());
}

TEST_F(AdmissionTest, AcceptsAgainAfterDescriptorsRanOut) {
  Launch();
  // Less than it asked for, so that the cap does not save it.
  rlimit few = {20, 0};
  rlimit before;
  ASSERT_EQ(::prlimit(fake_->pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  few.rlim_max = before.rlim_max;
  ASSERT_EQ(::prlimit(fake_->pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  std::vector<UniqueFd> idle;
  for (int i = 0; i < 60; ++i) idle.push_back(Connect(fake_->path()));
  // Served or refused: it has tried the first ones at least.
  for (int i = 0; i < 3; ++i) {
    pollfd poll = {idle[i].get(), POLLIN, 0};
    ASSERT_EQ(::poll(&poll, 1, 20'000), 1);
  }
  // There are some again. (Not by closing these: UBSan in the gateway needs a
  // descriptor of its own to look at an object that is destroyed.)
  ASSERT_EQ(::prlimit(fake_->pid(), RLIMIT_NOFILE, &before, nullptr), 0);
  EXPECT_TRUE(IsServed(idle.back().get()));
  idle.clear();
  EXPECT_TRUE(CallAndAnswer(NewChannel()).ok());
}

TEST_F(AdmissionTest, GarbageFromAClientEndsThatConnectionOnly) {
  Launch();
  auto good = NewChannel();
  EXPECT_TRUE(CallAndAnswer(good).ok());
  for (absl::string_view garbage :
       {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02", "PRI * HTTP/2.0\r\n\r\n",
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    UniqueFd socket = Connect(fake_->path());
    ASSERT_TRUE(socket.ok());
    ::send(socket.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
    ::shutdown(socket.get(), SHUT_WR);
    char bytes[4096];
    pollfd poll = {socket.get(), POLLIN, 0};
    ssize_t size = 0;
    do {
      ASSERT_EQ(::poll(&poll, 1, 20'000), 1);
      size = ::recv(socket.get(), bytes, sizeof(bytes), 0);
    } while (size > 0);
  }
  EXPECT_TRUE(CallAndAnswer(good).ok());
}

}  // namespace
}  // namespace drover::admin
