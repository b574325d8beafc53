// The gateway's own beginning and end.
#include <fcntl.h>
#include <signal.h>

#include <fstream>
#include <optional>
#include <string>

#include "supervisor/admin/testing.h"

namespace drover::admin {
namespace {

using control::v1::ToGateway;

class LifetimeTest : public GatewayTest {
 protected:
  // A stream that the supervisor knows of.
  void OpenWatch() {
    stub_ = NewStub();
    context_ = Patient();
    stream_ = stub_->WatchEvents(context_.get(), {});
    std::optional<control::v1::Call> call = fake_->NextCall();
    ASSERT_TRUE(call.has_value());
    call_ = call->id();
  }

  // The client is gone; idle, it would not hear that the gateway goes.
  void CloseClient() {
    stream_.reset();
    context_.reset();
    stub_.reset();
  }

  std::unique_ptr<v1::AdminService::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> stream_;
  uint64_t call_ = 0;
};

TEST_F(LifetimeTest, EndsWithTheSupervisorAndTellsItsClients) {
  Launch();
  OpenWatch();
  fake_->CloseChannel();
  v1::WatchEventsResponse response;
  EXPECT_FALSE(stream_->Read(&response));
  grpc::Status status = stream_->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(DetailOf(status).reason(), "SUPERVISOR_GONE");
  CloseClient();
  EXPECT_EQ(fake_->WaitExit(), 0);
}

TEST_F(LifetimeTest, SaysWhatCameBeforeTheSupervisorsEnd) {
  Launch();
  OpenWatch();
  v1::WatchEventsResponse response;
  response.mutable_lost()->set_events(5);
  fake_->Reply(call_, response);
  fake_->End(call_);
  fake_->CloseChannel();
  v1::WatchEventsResponse got;
  ASSERT_TRUE(stream_->Read(&got));
  EXPECT_EQ(got.lost().events(), 5u);
  EXPECT_FALSE(stream_->Read(&got));
  EXPECT_TRUE(stream_->Finish().ok());
  CloseClient();
  EXPECT_EQ(fake_->WaitExit(), 0);
}

TEST_F(LifetimeTest, SaysWhatCameBeforeItWasTold) {
  Launch();
  OpenWatch();
  v1::WatchEventsResponse response;
  response.mutable_lost()->set_events(5);
  // Held, so that the signal is seen first.
  fake_->Signal(SIGSTOP);
  fake_->Signal(SIGTERM);
  fake_->Reply(call_, response);
  fake_->End(call_);
  fake_->Signal(SIGCONT);
  v1::WatchEventsResponse got;
  ASSERT_TRUE(stream_->Read(&got));
  EXPECT_EQ(got.lost().events(), 5u);
  EXPECT_FALSE(stream_->Read(&got));
  EXPECT_TRUE(stream_->Finish().ok());
  CloseClient();
  EXPECT_EQ(fake_->WaitExit(), 0);
}

// A client that has stopped reading holds nobody up for long.
TEST_F(LifetimeTest, AClientThatDoesNotReadIsNotWaitedForLong) {
  Launch();
  OpenWatch();
  v1::WatchEventsResponse response;
  response.mutable_event()->set_token(std::string(10'000, 'x'));
  for (int n = 0; n < 40; ++n) fake_->Reply(call_, response);
  fake_->End(call_);
  fake_->Signal(SIGTERM);
  EXPECT_EQ(fake_->WaitExit(), 0);
}

TEST_F(LifetimeTest, EndsAtTermButNotAtInterrupt) {
  Launch();
  OpenWatch();
  // Were it to end at the first, the exit code would be that signal's.
  fake_->Signal(SIGINT);
  fake_->Signal(SIGTERM);
  EXPECT_EQ(fake_->WaitExit(), 0);
}

TEST_F(LifetimeTest, GarbageFromTheSupervisorEndsIt) {
  const std::string kGarbage[] = {
      std::string(4, '\0'),                  // a frame of length 0
      "\xff\xff\xff\xff",                    // one of 4 GiB
      std::string("\0\0\0\2\xff\xff", 6),    // not a ToGateway
      std::string("\0\0\0\3\xfa\x01\0", 7),  // a body not known
  };
  for (const std::string& garbage : kGarbage) {
    Launch();
    OpenWatch();
    fake_->SendBytes(garbage);
    v1::WatchEventsResponse response;
    EXPECT_FALSE(stream_->Read(&response));
    EXPECT_EQ(stream_->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
    CloseClient();
    EXPECT_EQ(fake_->WaitExit(), 1);
  }
}

TEST_F(LifetimeTest, RepliesBeyondCreditEndIt) {
  Launch();
  OpenWatch();
  v1::WatchEventsResponse response;
  response.mutable_event()->set_token(std::string(500'000, 'x'));
  // Nobody reads: the credit runs out, and the next is one too many.
  while (fake_->Reply(call_, response)) {
  }
  EXPECT_EQ(fake_->WaitExit(), 1);
}

TEST_F(LifetimeTest, AFrameBehindSetupIsNotForgotten) {
  ToGateway behind;
  *behind.mutable_setup() = FakeSupervisor::OwnUser();
  fake_ = FakeSupervisor::Start(FakeSupervisor::OwnUser(), behind);
  ASSERT_NE(fake_, nullptr);
  // A second Setup is against the contract.
  EXPECT_EQ(fake_->WaitExit(), 1);
}

TEST_F(LifetimeTest, EndsIfTheSupervisorDoesBeforeSetup) {
  fake_ = FakeSupervisor::Start(control::v1::Setup());
  ASSERT_NE(fake_, nullptr);
  fake_->CloseChannel();
  EXPECT_TRUE(fake_->WaitExit().has_value());
}

TEST_F(LifetimeTest, RefusesAListenerThatIsNone) {
  // A file, the channel itself, nothing.
  for (uint32_t fd : {1u, 3u, 99u, ~0u}) {
    control::v1::Setup setup = FakeSupervisor::OwnUser();
    setup.set_listen_fd(fd);
    fake_ = FakeSupervisor::Start(setup);
    ASSERT_NE(fake_, nullptr);
    EXPECT_EQ(fake_->WaitExit(), 1) << fd;
  }
}

TEST_F(LifetimeTest, KeepsNoDescriptorAndNoPrivilegeItDoesNotNeed) {
  // What a careless parent leaves open.
  int leak = ::fcntl(STDERR_FILENO, F_DUPFD, 200);
  ASSERT_GE(leak, 0);
  Launch();
  ::close(leak);
  std::string proc = "/proc/" + std::to_string(fake_->pid());
  EXPECT_NE(::access((proc + "/fd/" + std::to_string(leak)).c_str(), F_OK), 0);
  std::ifstream status(proc + "/status");
  std::string line;
  bool no_new_privileges = false;
  while (std::getline(status, line)) {
    if (line == "NoNewPrivs:\t1") no_new_privileges = true;
  }
  EXPECT_TRUE(no_new_privileges);
}

}  // namespace
}  // namespace drover::admin
