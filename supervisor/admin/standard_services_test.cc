// What gRPC tools expect of any server: health and reflection. Debian ships no
// descriptions of these services, so their few messages are written by hand.
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "supervisor/admin/testing.h"

namespace drover::admin {
namespace {

using control::v1::ToGateway;
using grpc::ByteBuffer;
using grpc::StatusCode;

// HealthCheckResponse.status, its only field, as it is on the wire.
const std::string kServing("\x08\x01", 2);
const std::string kNotServing("\x08\x02", 2);
const std::string kServiceUnknown("\x08\x03", 2);

// A short string as the field of that number.
std::string StringField(int number, const std::string& value) {
  return std::string{static_cast<char>(number << 3 | 2),
                     static_cast<char>(value.size())} +
         value;
}

// One call of any kind, message by message, each with a deadline.
class RawCall {
 public:
  RawCall(std::shared_ptr<grpc::Channel> channel, const std::string& method)
      : context_(Patient()), stub_(std::move(channel)) {
    stream_ = stub_.PrepareCall(context_.get(), method, &queue_);
    stream_->StartCall(this);
    Wait();
  }
  ~RawCall() {
    context_->TryCancel();
    if (!finished_) Finish();
  }

  bool Write(const std::string& bytes) {
    grpc::Slice slice(bytes);
    ByteBuffer buffer(&slice, 1);
    stream_->Write(buffer, this);
    return Wait();
  }

  std::optional<std::string> Read() {
    ByteBuffer buffer;
    stream_->Read(&buffer, this);
    if (!Wait()) return std::nullopt;
    grpc::Slice slice;
    if (!buffer.DumpToSingleSlice(&slice).ok()) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(slice.begin()),
                       slice.size());
  }

  StatusCode Finish() {
    finished_ = true;
    grpc::Status status;
    stream_->Finish(&status, this);
    Wait();
    return status.error_code();
  }

 private:
  // Each operation ends: the call has a deadline.
  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  std::unique_ptr<grpc::ClientContext> context_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool finished_ = false;
};

class StandardServicesTest : public GatewayTest {
 protected:
  // The answer of Check, or the code it failed with.
  std::string Check(const std::string& name) {
    RawCall call(channel_, "/grpc.health.v1.Health/Check");
    call.Write(StringField(1, name));
    std::optional<std::string> answer = call.Read();
    StatusCode code = call.Finish();
    return answer.value_or(absl::StrCat("code ", code));
  }

  void Start() {
    control::v1::Setup setup = FakeSupervisor::OwnUser();
    AddEntry(setup.mutable_health(), "web", true);
    AddEntry(setup.mutable_health(), "queue", false);
    Launch(setup);
    channel_ = NewChannel();
  }

  static void AddEntry(control::v1::Health* health, const std::string& name,
                       bool serving) {
    control::v1::Health::Entry* entry = health->add_entries();
    entry->set_service(name);
    entry->set_serving(serving);
  }

  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(StandardServicesTest, HealthHasANameForEachPoolAndOneForAll) {
  Start();
  EXPECT_EQ(Check(""), kServing);
  EXPECT_EQ(Check("web"), kServing);
  EXPECT_EQ(Check("queue"), kNotServing);
  EXPECT_EQ(Check("other"), absl::StrCat("code ", StatusCode::NOT_FOUND));
}

TEST_F(StandardServicesTest, WatchersSeeHealthChange) {
  Start();
  RawCall web(channel_, "/grpc.health.v1.Health/Watch");
  web.Write(StringField(1, "web"));
  EXPECT_EQ(web.Read(), kServing);
  RawCall late(channel_, "/grpc.health.v1.Health/Watch");
  late.Write(StringField(1, "late"));
  EXPECT_EQ(late.Read(), kServiceUnknown);

  // All names that there are: web fails, late comes, queue is removed.
  ToGateway message;
  AddEntry(message.mutable_health(), "", false);
  AddEntry(message.mutable_health(), "web", false);
  AddEntry(message.mutable_health(), "late", true);
  fake_->Send(message);
  EXPECT_EQ(web.Read(), kNotServing);
  EXPECT_EQ(late.Read(), kServing);

  ToGateway again;
  AddEntry(again.mutable_health(), "", true);
  AddEntry(again.mutable_health(), "web", true);
  fake_->Send(again);
  EXPECT_EQ(web.Read(), kServing);
  EXPECT_EQ(late.Read(), kNotServing);
}

TEST_F(StandardServicesTest, ReflectionListsAndDescribesTheService) {
  Start();
  RawCall call(channel_,
               "/grpc.reflection.v1alpha.ServerReflection/"
               "ServerReflectionInfo");
  // list_services
  ASSERT_TRUE(call.Write(StringField(7, "*")));
  std::optional<std::string> services = call.Read();
  ASSERT_TRUE(services.has_value());
  EXPECT_NE(services->find("drover.admin.v1.AdminService"), std::string::npos);
  EXPECT_NE(services->find("grpc.reflection.v1alpha"), std::string::npos);
  // file_containing_symbol
  ASSERT_TRUE(call.Write(StringField(4, "drover.admin.v1.AdminService")));
  std::optional<std::string> file = call.Read();
  ASSERT_TRUE(file.has_value());
  EXPECT_NE(file->find("WatchEventsResponse"), std::string::npos);
}

TEST_F(StandardServicesTest, OpenReflectionStreamsHoldUpNobody) {
  Start();
  // More than the threads they may have: some are refused, none takes the
  // admin service's.
  std::vector<std::unique_ptr<RawCall>> calls;
  for (int i = 0; i < 30; ++i) {
    calls.push_back(std::make_unique<RawCall>(
        channel_,
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"));
  }
  EXPECT_EQ(Check("web"), kServing);
  RawCall watch(channel_, "/drover.admin.v1.AdminService/WatchEvents");
  EXPECT_TRUE(watch.Write(""));
  EXPECT_TRUE(fake_->NextCall().has_value());
}

TEST_F(StandardServicesTest, UnknownMethodsAreUnimplemented) {
  Start();
  for (const char* method :
       {"/drover.admin.v1.AdminService/DropTables",
        "/drover.admin.v1.AdminService/supervisor.Shutdown",
        "/drover.control.v1.Control/Call", "/"}) {
    RawCall call(channel_, method);
    call.Write("");
    EXPECT_EQ(call.Read(), std::nullopt);
    EXPECT_EQ(call.Finish(), StatusCode::UNIMPLEMENTED) << method;
  }
}

}  // namespace
}  // namespace drover::admin
