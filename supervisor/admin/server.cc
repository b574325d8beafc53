#include "supervisor/admin/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "supervisor/wire/frame.h"

namespace drover::admin {
namespace {

// docs/admin.md, chapter "Limits", says why each is what it is.
constexpr size_t kAnswersWaiting = 32 << 20;
constexpr size_t kTransportMemory = 64 << 20;
constexpr int kMaxStreamsPerConnection = 128;
constexpr int kMaxMetadataBytes = 8 << 10;
constexpr int kMaxPingStrikes = 2;
constexpr int kMinPingIntervalMs = 10'000;
constexpr int kMaxIdleMs = 5 * 60 * 1000;
constexpr int kKeepaliveMs = 2 * 60 * 60 * 1000;
// Reflection is the one service that gRPC serves on threads of its own, one for
// each open stream.
constexpr int kMaxThreads = 8;
constexpr int kPollThreads = 1;
constexpr int kPollMs = 60'000;
// At the end, for clients that take what they are owed. Together well below
// what the supervisor gives the gateway.
constexpr std::chrono::seconds kLastAnswers{2};
constexpr std::chrono::seconds kLastPing{1};

void SetLimits(grpc::ServerBuilder* builder) {
  grpc::ResourceQuota quota("admin");
  quota.Resize(kTransportMemory);
  quota.SetMaxThreads(kMaxThreads);
  builder->SetResourceQuota(quota);
  builder->SetMaxReceiveMessageSize(wire::kControlFrameMax);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                              kMaxStreamsPerConnection);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kMaxPingStrikes);
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kMinPingIntervalMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxIdleMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
}

void SetThreads(grpc::ServerBuilder* builder) {
  using Option = grpc::ServerBuilder::SyncServerOption;
  builder->SetSyncServerOption(Option::NUM_CQS, 1);
  builder->SetSyncServerOption(Option::MIN_POLLERS, kPollThreads);
  builder->SetSyncServerOption(Option::MAX_POLLERS, kPollThreads);
  builder->SetSyncServerOption(Option::CQ_TIMEOUT_MSEC, kPollMs);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Roles* roles,
                                                      Link* link) {
  grpc::EnableDefaultHealthCheckService(true);
  // By name, so that the linker keeps the library whatever its flags are.
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<Server> server(new Server(roles, link));
  grpc::ServerBuilder builder;
  SetLimits(&builder);
  SetThreads(&builder);
  builder.RegisterService(&server->service_);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::InternalError("gRPC did not start");
  }
  return server;
}

Server::Server(const Roles* roles, Link* link)
    : backlog_(kAnswersWaiting), service_(roles, link, &backlog_) {}

void Server::Shutdown() {
  // GOAWAY comes with a ping. Sent behind the end of every call, its answer
  // says that the client has read up to there.
  backlog_.WaitUntilIdle(kLastAnswers);
  auto over = std::make_shared<std::promise<void>>();
  // A client that does not read at all would hold it up, whatever deadline it
  // is given.
  std::thread([this, over] {
    server_->Shutdown();
    over->set_value();
  }).detach();
  over->get_future().wait_for(kLastPing);
}

void Server::Serve(UniqueFd socket) {
  grpc::AddInsecureChannelFromFd(server_.get(), socket.release());
}

void Server::SetHealth(const control::v1::Health& health) {
  grpc::HealthCheckServiceInterface* service = server_->GetHealthCheckService();
  std::set<std::string> names;
  for (const control::v1::Health::Entry& entry : health.entries()) {
    service->SetServingStatus(entry.service(), entry.serving());
    names.insert(entry.service());
  }
  for (const std::string& name : health_names_) {
    // gRPC's service cannot forget a name.
    if (!names.contains(name)) service->SetServingStatus(name, false);
  }
  health_names_ = std::move(names);
}

}  // namespace drover::admin
