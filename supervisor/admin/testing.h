// For tests: a gateway under a fake supervisor, and a client of it.
#ifndef SUPERVISOR_ADMIN_TESTING_H_
#define SUPERVISOR_ADMIN_TESTING_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/create_channel_posix.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "drover/admin/v1/admin.grpc.pb.h"
#include "supervisor/admin/fake_supervisor.h"

namespace drover::admin {

class GatewayTest : public testing::Test {
 protected:
  // Returns when the gateway is ready.
  void Launch(control::v1::Setup setup = FakeSupervisor::OwnUser()) {
    fake_ = FakeSupervisor::Start(std::move(setup));
    ASSERT_NE(fake_, nullptr);
    ASSERT_TRUE(fake_->WaitReady());
  }

  // A connection of its own for each channel.
  std::shared_ptr<grpc::Channel> NewChannel() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    // Clients of a server that comes back should not wait for long.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 200);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
    return grpc::CreateCustomChannel(
        "unix:" + fake_->path(), grpc::InsecureChannelCredentials(), arguments);
  }

  std::unique_ptr<v1::AdminService::Stub> NewStub() {
    return v1::AdminService::NewStub(NewChannel());
  }

  std::unique_ptr<FakeSupervisor> fake_;
};

// A client's context with the deadline of any step.
inline std::unique_ptr<grpc::ClientContext> Patient() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + kPatience);
  return context;
}

inline v1::ErrorDetail DetailOf(const grpc::Status& status) {
  v1::StatusDetails details;
  v1::ErrorDetail detail;
  if (!details.ParseFromString(status.error_details()) ||
      details.details_size() != 1 || details.code() != status.error_code() ||
      details.message() != status.error_message() ||
      !details.details(0).UnpackTo(&detail)) {
    ADD_FAILURE() << "no ErrorDetail in " << status.error_message();
  }
  return detail;
}

}  // namespace drover::admin

#endif  // SUPERVISOR_ADMIN_TESTING_H_
