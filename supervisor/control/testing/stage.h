// The control room on a stage: the real core in its harness behind it, a
// gateway played by the test before it.
#ifndef SUPERVISOR_CONTROL_TESTING_STAGE_H_
#define SUPERVISOR_CONTROL_TESTING_STAGE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "drover/admin/v1/admin.pb.h"
#include "drover/control/v1/control.pb.h"
#include "gtest/gtest.h"
#include "supervisor/control/backend.h"
#include "supervisor/control/server.h"
#include "supervisor/core/testing/harness.h"
#include "supervisor/output/store.h"

namespace drover::control {

class HarnessBackend : public Backend {
 public:
  core::Harness world;
  output::Store store;
  // What ApplyConfig was last asked for.
  config::v1::Config applied;
  std::string version_text = "1.2.3";

  const core::Supervisor& core() const override {
    return const_cast<core::Harness&>(world).core();
  }
  output::Store& output() override { return store; }
  absl::Time Now() const override { return world.now(); }
  absl::Time ToWall(absl::Time instant) const override { return instant; }
  absl::StatusOr<core::OperationId> Submit(const core::Command& command,
                                           absl::string_view) override {
    return world.Submit(command);
  }
  absl::Status Cancel(core::OperationId operation, absl::string_view) override {
    return world.Cancel(operation);
  }
  absl::StatusOr<core::OperationId> ApplyConfig(
      const config::v1::Config& desired, absl::string_view) override {
    applied = desired;
    return world.Submit(core::Apply{});
  }
  config::v1::Config CurrentConfig() const override { return {}; }
  std::vector<BoundListener> Listeners(absl::string_view) const override {
    return {{"http", "tcp://127.0.0.1:8080"}};
  }
  std::string version() const override { return version_text; }
  std::string session() const override { return "session"; }
  std::string config_file() const override { return "drover.yaml"; }
  absl::Time start_time() const override { return absl::UnixEpoch(); }
  int32_t pid() const override { return 42; }
  uint32_t gateway_restarts() const override { return 0; }
};

// Users of the stage.
inline constexpr uint32_t kOperator = 1000;
inline constexpr uint32_t kObserver = 2000;
inline constexpr uint32_t kStranger = 3000;

class Stage : public testing::Test {
 protected:
  Stage();

  // What a call has been answered so far.
  struct Heard {
    std::vector<std::string> responses;
    bool ended = false;
    absl::StatusCode code = absl::StatusCode::kOk;
    std::string message;
    admin::v1::ErrorDetail detail;
  };

  // Opens a call; its id.
  uint64_t Open(const std::string& method,
                const google::protobuf::Message& request,
                uint32_t uid = kOperator);
  uint64_t OpenRaw(const std::string& method, const std::string& request,
                   uint32_t uid = kOperator);
  const Heard& heard(uint64_t call) { return heard_[call]; }

  // For unary calls that are expected to work.
  template <typename Response>
  Response Ask(const std::string& method,
               const google::protobuf::Message& request) {
    const Heard& answer = heard(Open(method, request));
    EXPECT_TRUE(answer.ended);
    EXPECT_EQ(answer.code, absl::StatusCode::kOk) << answer.message;
    Response response;
    if (answer.responses.size() != 1) {
      ADD_FAILURE() << answer.responses.size() << " responses";
    } else {
      EXPECT_TRUE(response.ParseFromString(answer.responses[0]));
    }
    return response;
  }

  // The messages of a stream so far.
  template <typename Response>
  std::vector<Response> Stream(uint64_t call) {
    std::vector<Response> responses;
    for (const std::string& bytes : heard(call).responses) {
      responses.emplace_back();
      EXPECT_TRUE(responses.back().ParseFromString(bytes));
    }
    return responses;
  }

  // A line on the standard output of a worker of pool web.
  void Write(uint32_t slot, const std::string& text);

  void Credit(uint64_t call, uint32_t messages);
  void Abandon(uint64_t call);

  HarnessBackend backend_;
  core::Harness& world_ = backend_.world;
  // Frames that the channel takes before it has no room.
  uint64_t room_ = std::numeric_limits<uint64_t>::max();
  std::vector<std::string> violations_;
  control::v1::Setup setup_;
  std::vector<control::v1::Health> healths_;
  Server server_;

 private:
  Server::Options ServerOptions();
  void Hear(const control::v1::ToGateway& frame);

  uint64_t last_call_ = 0;
  std::map<uint64_t, Heard> heard_;
};

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_TESTING_STAGE_H_
