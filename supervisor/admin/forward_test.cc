// Calls through a real gateway: there and back, errors, cancels, credit, roles.
#include <csignal>
#include <future>
#include <string>

#include "supervisor/admin/link.h"
#include "supervisor/admin/testing.h"

namespace drover::admin {
namespace {

using control::v1::Call;
using control::v1::ToSupervisor;
using grpc::ClientContext;
using grpc::Status;
using grpc::StatusCode;

class ForwardTest : public GatewayTest {
 protected:
  // Runs a unary call beside the test.
  std::future<Status> GetPool(v1::AdminService::Stub* stub,
                              ClientContext* context, v1::Pool* pool) {
    return std::async(std::launch::async, [=] {
      v1::GetPoolRequest request;
      request.set_pool("web");
      return stub->GetPool(context, request, pool);
    });
  }
};

TEST_F(ForwardTest, UnaryThereAndBack) {
  Launch();
  auto stub = NewStub();
  auto context = Patient();
  v1::Pool pool;
  auto done = GetPool(stub.get(), context.get(), &pool);

  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->method(), "GetPool");
  v1::GetPoolRequest request;
  ASSERT_TRUE(request.ParseFromString(call->request()));
  EXPECT_EQ(request.pool(), "web");
  EXPECT_EQ(call->caller().uid(), ::getuid());
  EXPECT_EQ(call->caller().gid(), ::getgid());
  EXPECT_EQ(call->caller().pid(), ::getpid());

  v1::Pool answer;
  answer.set_name("web");
  answer.set_count(7);
  fake_->Reply(call->id(), answer);
  fake_->End(call->id());
  Status status = done.get();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(pool.count(), 7u);
}

TEST_F(ForwardTest, CallsAreNumberedRising) {
  Launch();
  auto stub = NewStub();
  uint64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    auto context = Patient();
    v1::Pool pool;
    auto done = GetPool(stub.get(), context.get(), &pool);
    std::optional<Call> call = fake_->NextCall();
    ASSERT_TRUE(call.has_value());
    EXPECT_GT(call->id(), last);
    last = call->id();
    fake_->Reply(last, v1::Pool());
    fake_->End(last);
    EXPECT_TRUE(done.get().ok());
  }
}

TEST_F(ForwardTest, AnErrorKeepsItsDetail) {
  Launch();
  auto stub = NewStub();
  auto context = Patient();
  v1::Pool pool;
  auto done = GetPool(stub.get(), context.get(), &pool);
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  v1::ErrorDetail sent;
  sent.set_reason("UNKNOWN_POOL");
  sent.set_field("pool");
  sent.set_remedy("see `drover status`");
  fake_->Fail(call->id(), StatusCode::NOT_FOUND, "no pool 'web'",
              sent.SerializeAsString());
  Status status = done.get();
  EXPECT_EQ(status.error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no pool 'web'");
  v1::ErrorDetail got = DetailOf(status);
  EXPECT_EQ(got.reason(), "UNKNOWN_POOL");
  EXPECT_EQ(got.field(), "pool");
  EXPECT_EQ(got.remedy(), "see `drover status`");
}

TEST_F(ForwardTest, ACodeThatGrpcDoesNotKnowIsUnknown) {
  Launch();
  auto stub = NewStub();
  auto context = Patient();
  v1::Pool pool;
  auto done = GetPool(stub.get(), context.get(), &pool);
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  fake_->Fail(call->id(), 77, "odd", "");
  EXPECT_EQ(done.get().error_code(), StatusCode::UNKNOWN);
}

TEST_F(ForwardTest, AStreamKeepsItsOrderAndEnds) {
  Launch();
  auto stub = NewStub();
  auto context = Patient();
  v1::ScalePoolRequest request;
  request.set_pool("web");
  request.set_count(3);
  auto stream = stub->ScalePool(context.get(), request);
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  for (uint32_t i = 1; i <= 3; ++i) {
    v1::Operation operation;
    operation.set_done(i);
    fake_->Reply(call->id(), operation);
  }
  fake_->End(call->id());
  v1::Operation operation;
  for (uint32_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(stream->Read(&operation));
    EXPECT_EQ(operation.done(), i);
  }
  EXPECT_FALSE(stream->Read(&operation));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ForwardTest, ACancelledCallIsAbandoned) {
  Launch();
  auto stub = NewStub();
  auto context = Patient();
  auto stream = stub->WatchEvents(context.get(), {});
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  context->TryCancel();
  std::optional<ToSupervisor> next = fake_->Next();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->abandon().call(), call->id());
  EXPECT_EQ(stream->Finish().error_code(), StatusCode::CANCELLED);
  // What was on its way is no fault, and others go on.
  fake_->Reply(call->id(), v1::WatchEventsResponse());
  fake_->End(call->id());
  auto later = Patient();
  v1::Pool pool;
  auto done = GetPool(stub.get(), later.get(), &pool);
  call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  fake_->Reply(call->id(), pool);
  fake_->End(call->id());
  EXPECT_TRUE(done.get().ok());
}

TEST_F(ForwardTest, AClientThatDisconnectsAbandonsItsCalls) {
  Launch();
  uint64_t id = 0;
  {
    auto channel = grpc::CreateInsecureChannelFromFd(
        "admin", Connect(fake_->path()).release());
    auto stub = v1::AdminService::NewStub(channel);
    auto context = Patient();
    auto stream = stub->WatchEvents(context.get(), {});
    std::optional<Call> call = fake_->NextCall();
    ASSERT_TRUE(call.has_value());
    id = call->id();
  }
  std::optional<ToSupervisor> next = fake_->Next();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->abandon().call(), id);
}

TEST_F(ForwardTest, TheClientsDeadlineHoldsThoughNobodyAnswers) {
  Launch();
  auto stub = NewStub();
  ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::milliseconds(200));
  v1::Pool pool;
  auto done = GetPool(stub.get(), &context, &pool);
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(done.get().error_code(), StatusCode::DEADLINE_EXCEEDED);
  std::optional<ToSupervisor> next = fake_->Next();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->abandon().call(), call->id());
}

TEST_F(ForwardTest, CreditComesBackAsTheClientReads) {
  Launch();
  auto stub = NewStub();
  auto context = Patient();
  auto stream = stub->WatchEvents(context.get(), {});
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  // Four times the first credit, never beyond what was granted.
  uint32_t credit = kInitialCredit;
  v1::WatchEventsResponse response;
  v1::WatchEventsResponse got;
  for (uint64_t i = 1; i <= 4 * kInitialCredit; ++i) {
    if (credit == 0) {
      std::optional<ToSupervisor> next = fake_->Next();
      ASSERT_TRUE(next.has_value() && next->has_credit());
      EXPECT_EQ(next->credit().call(), call->id());
      credit += next->credit().messages();
    }
    --credit;
    response.mutable_lost()->set_events(i);
    fake_->Reply(call->id(), response);
    ASSERT_TRUE(stream->Read(&got));
    ASSERT_EQ(got.lost().events(), i);
  }
}

TEST_F(ForwardTest, AClientThatDoesNotReadGrantsNothingAndHoldsUpNobody) {
  Launch();
  auto stub = NewStub();
  auto context = Patient();
  auto stream = stub->WatchEvents(context.get(), {});
  std::optional<Call> slow = fake_->NextCall();
  ASSERT_TRUE(slow.has_value());
  // Far more than gRPC and the kernel buffer for a stream that is not read.
  v1::WatchEventsResponse response;
  response.mutable_event()->set_token(std::string(400'000, 'x'));
  for (uint32_t i = 0; i < kInitialCredit; ++i) {
    ASSERT_TRUE(fake_->Reply(slow->id(), response));
  }
  auto other = NewStub();
  for (int i = 0; i < 3; ++i) {
    auto later = Patient();
    v1::Pool pool;
    auto done = GetPool(other.get(), later.get(), &pool);
    // No credit for the slow one in between.
    std::optional<Call> call = fake_->NextCall();
    ASSERT_TRUE(call.has_value());
    fake_->Reply(call->id(), pool);
    fake_->End(call->id());
    EXPECT_TRUE(done.get().ok());
  }
  v1::WatchEventsResponse got;
  for (uint32_t i = 0; i < kInitialCredit; ++i) {
    ASSERT_TRUE(stream->Read(&got)) << i;
  }
  std::optional<ToSupervisor> next = fake_->Next();
  ASSERT_TRUE(next.has_value() && next->has_credit());
}

TEST_F(ForwardTest, SlowClientsTogetherCannotFillTheMemory) {
  Launch();
  auto stub = NewStub();
  v1::WatchEventsResponse response;
  response.mutable_event()->set_token(std::string(1'000'000, 'x'));
  std::vector<std::unique_ptr<ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>>>
      streams;
  std::optional<ToSupervisor> next;
  // Beyond 32 MiB of answers the call that would add to them is ended.
  for (int i = 0; i < 2; ++i) {
    contexts.push_back(Patient());
    streams.push_back(stub->WatchEvents(contexts.back().get(), {}));
    std::optional<Call> call = fake_->NextCall();
    ASSERT_TRUE(call.has_value());
    for (int n = 0; n < 30; ++n) fake_->Reply(call->id(), response);
  }
  next = fake_->Next();
  ASSERT_TRUE(next.has_value() && next->has_abandon());
  v1::WatchEventsResponse got;
  while (streams[1]->Read(&got)) {
  }
  Status status = streams[1]->Finish();
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailOf(status).reason(), "SLOW_CLIENT");
  contexts[0]->TryCancel();
  streams[0]->Finish();
}

TEST_F(ForwardTest, TooManyCallsAreRefusedOthersGoOn) {
  Launch();
  std::vector<std::unique_ptr<v1::AdminService::Stub>> stubs;
  std::vector<std::unique_ptr<ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>>>
      streams;
  for (size_t i = 0; i < kMaxOpenCalls; ++i) {
    // 128 streams a connection.
    if (i % 100 == 0) stubs.push_back(NewStub());
    contexts.push_back(Patient());
    streams.push_back(stubs.back()->WatchEvents(contexts.back().get(), {}));
    ASSERT_TRUE(fake_->NextCall().has_value()) << i;
  }
  auto stub = NewStub();
  auto context = Patient();
  v1::Pool pool;
  Status status = GetPool(stub.get(), context.get(), &pool).get();
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailOf(status).reason(), "GATEWAY_BUSY");
  contexts[0]->TryCancel();
  std::optional<ToSupervisor> next = fake_->Next();
  ASSERT_TRUE(next.has_value() && next->has_abandon());
  auto later = Patient();
  auto done = GetPool(stub.get(), later.get(), &pool);
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  fake_->Reply(call->id(), pool);
  fake_->End(call->id());
  EXPECT_TRUE(done.get().ok());
  for (auto& each : contexts) each->TryCancel();
}

TEST_F(ForwardTest, ARequestThatIsTooLargeIsRefused) {
  Launch();
  auto stub = NewStub();
  for (size_t size : {size_t{1 << 20} - 16, size_t{4 << 20}}) {
    auto context = Patient();
    v1::GetPoolRequest request;
    request.set_pool(std::string(size, 'p'));
    v1::Pool pool;
    Status status = stub->GetPool(context.get(), request, &pool);
    EXPECT_TRUE(status.error_code() == StatusCode::INVALID_ARGUMENT ||
                status.error_code() == StatusCode::RESOURCE_EXHAUSTED)
        << status.error_code() << status.error_message();
  }
}

TEST_F(ForwardTest, ObserversReadAndChangeNothing) {
  control::v1::Setup setup = FakeSupervisor::OwnUser();
  setup.mutable_roles(0)->set_operate(false);
  Launch(setup);
  auto stub = NewStub();
  auto context = Patient();
  auto stream = stub->ScalePool(context.get(), {});
  v1::Operation operation;
  EXPECT_FALSE(stream->Read(&operation));
  Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(DetailOf(status).reason(), "ROLE_MISSING");
  // The next that the supervisor hears is the read.
  auto later = Patient();
  v1::Pool pool;
  auto done = GetPool(stub.get(), later.get(), &pool);
  std::optional<Call> call = fake_->NextCall();
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->method(), "GetPool");
  fake_->Reply(call->id(), pool);
  fake_->End(call->id());
  EXPECT_TRUE(done.get().ok());
}

}  // namespace
}  // namespace drover::admin
