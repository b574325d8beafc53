#include "supervisor/cli/client.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "drover/admin/v1/admin.grpc.pb.h"
#include "supervisor/cli/connect.h"
#include "supervisor/cli/problem.h"

namespace drover::cli {
namespace {

using admin::v1::AdminService;
using Stub = AdminService::Stub;

// gRPC reads the wall clock's points in time.
std::chrono::system_clock::time_point ToChrono(absl::Time time) {
  return time == absl::InfiniteFuture()
             ? std::chrono::system_clock::time_point::max()
             : absl::ToChronoTime(time);
}

// Shared by a client's calls.
struct Connection {
  std::string socket;
  absl::Duration patience;
  Interrupts* interrupts;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<Stub> stub;
  // Something has been heard: a hang-up now is not a refusal at the door.
  bool heard = false;
};

absl::Status ToStatus(const grpc::Status& status,
                      const Connection& connection) {
  if (status.ok()) return absl::OkStatus();
  if (connection.interrupts->pending()) return Interrupted("interrupted");
  if (status.error_code() == grpc::UNAVAILABLE && !connection.heard &&
      status.error_details().empty()) {
    return HungUp(connection.socket);
  }
  return FromRpc(status.error_code(), status.error_message(),
                 status.error_details());
}

template <typename T>
class RpcStream : public Stream<T> {
 public:
  using Reader = grpc::ClientAsyncReader<T>;

  // `prepare` is the stub's PrepareAsync… of the method.
  template <typename Prepare, typename Request>
  RpcStream(Connection* connection, Prepare prepare, const Request& request)
      : connection_(connection),
        reader_(
            (connection->stub.get()->*prepare)(&context_, request, &queue_)),
        scope_(connection->interrupts, [this] { context_.TryCancel(); }) {
    reader_->StartCall(this);
    Await();
  }

  // gRPC wants every call finished and the queue empty.
  ~RpcStream() override {
    context_.TryCancel();
    if (reading_) Await();
    if (!over_) Finish();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  Next Wait(absl::Time until, T* message) override {
    if (over_) return Next::kEnd;
    if (!reading_) reader_->Read(&incoming_, this);
    reading_ = true;
    void* tag = nullptr;
    bool ok = false;
    if (queue_.AsyncNext(&tag, &ok, ToChrono(until)) ==
        grpc::CompletionQueue::TIMEOUT) {
      return Next::kTick;
    }
    reading_ = false;
    if (!ok) {
      Finish();
      return Next::kEnd;
    }
    connection_->heard = true;
    message->Swap(&incoming_);
    return Next::kMessage;
  }

  absl::Status status() const override { return status_; }

 private:
  void Await() {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    reading_ = false;
  }

  void Finish() {
    grpc::Status status;
    reader_->Finish(&status, this);
    Await();
    over_ = true;
    status_ = ToStatus(status, *connection_);
  }

  Connection* connection_;
  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<Reader> reader_;
  T incoming_;
  bool reading_ = false;
  bool over_ = false;
  absl::Status status_;
  Interrupts::Scope scope_;
};

class RpcClient : public Client {
 public:
  explicit RpcClient(Connection connection)
      : connection_(std::move(connection)) {}

  absl::StatusOr<admin::v1::SupervisorInfo> GetSupervisor() override {
    return Call<admin::v1::SupervisorInfo>(&Stub::GetSupervisor,
                                           admin::v1::GetSupervisorRequest());
  }

  absl::StatusOr<admin::v1::ListPoolsResponse> ListPools() override {
    return Call<admin::v1::ListPoolsResponse>(&Stub::ListPools,
                                              admin::v1::ListPoolsRequest());
  }

  absl::StatusOr<admin::v1::Pool> GetPool(const std::string& pool) override {
    admin::v1::GetPoolRequest request;
    request.set_pool(pool);
    return Call<admin::v1::Pool>(&Stub::GetPool, request);
  }

  absl::StatusOr<admin::v1::ListWorkersResponse> ListWorkers(
      const admin::v1::ListWorkersRequest& request) override {
    return Call<admin::v1::ListWorkersResponse>(&Stub::ListWorkers, request);
  }

  absl::StatusOr<admin::v1::ListOperationsResponse> ListOperations(
      const admin::v1::ListOperationsRequest& request) override {
    return Call<admin::v1::ListOperationsResponse>(&Stub::ListOperations,
                                                   request);
  }

  absl::StatusOr<admin::v1::Plan> Plan(
      const admin::v1::PlanConfigRequest& request) override {
    return Call<admin::v1::Plan>(&Stub::PlanConfig, request);
  }

  absl::StatusOr<admin::v1::Operation> Cancel(
      const std::string& operation) override {
    admin::v1::CancelOperationRequest request;
    request.set_id(operation);
    return Call<admin::v1::Operation>(&Stub::CancelOperation, request);
  }

  std::unique_ptr<OperationStream> WatchOperation(
      const std::string& id) override {
    admin::v1::WatchOperationRequest request;
    request.set_id(id);
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncWatchOperation,
                                            request);
  }

  std::unique_ptr<OperationStream> Open(
      const admin::v1::ApplyConfigRequest& request) override {
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncApplyConfig,
                                            request);
  }

  std::unique_ptr<OperationStream> Open(
      const admin::v1::ScalePoolRequest& request) override {
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncScalePool,
                                            request);
  }

  std::unique_ptr<OperationStream> Open(
      const admin::v1::ReloadPoolRequest& request) override {
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncReloadPool,
                                            request);
  }

  std::unique_ptr<OperationStream> Open(
      const admin::v1::RestartWorkerRequest& request) override {
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncRestartWorker,
                                            request);
  }

  std::unique_ptr<OperationStream> Open(
      const admin::v1::StopPoolRequest& request) override {
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncStopPool,
                                            request);
  }

  std::unique_ptr<OperationStream> Open(
      const admin::v1::StartPoolRequest& request) override {
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncStartPool,
                                            request);
  }

  std::unique_ptr<OperationStream> Open(
      const admin::v1::ShutdownRequest& request) override {
    return OpenStream<admin::v1::Operation>(&Stub::PrepareAsyncShutdown,
                                            request);
  }

  std::unique_ptr<Stream<admin::v1::Upgrade>> Open(
      const admin::v1::UpgradeSupervisorRequest& request) override {
    return OpenStream<admin::v1::Upgrade>(&Stub::PrepareAsyncUpgradeSupervisor,
                                          request);
  }

  std::unique_ptr<Stream<admin::v1::WatchEventsResponse>> Watch(
      const admin::v1::WatchEventsRequest& request) override {
    return OpenStream<admin::v1::WatchEventsResponse>(
        &Stub::PrepareAsyncWatchEvents, request);
  }

  std::unique_ptr<Stream<admin::v1::LogLine>> TailLogs(
      const admin::v1::TailLogsRequest& request) override {
    return OpenStream<admin::v1::LogLine>(&Stub::PrepareAsyncTailLogs, request);
  }

 private:
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    grpc::ClientContext context;
    context.set_deadline(ToChrono(absl::Now() + connection_.patience));
    Interrupts::Scope scope(connection_.interrupts,
                            [&context] { context.TryCancel(); });
    Response response;
    grpc::Status status =
        (connection_.stub.get()->*method)(&context, request, &response);
    if (status.error_code() == grpc::DEADLINE_EXCEEDED) return NoAnswer();
    absl::Status result = ToStatus(status, connection_);
    if (!result.ok()) return result;
    connection_.heard = true;
    return response;
  }

  template <typename T, typename Request>
  std::unique_ptr<Stream<T>> OpenStream(
      std::unique_ptr<grpc::ClientAsyncReader<T>> (Stub::*prepare)(
          grpc::ClientContext*, const Request&, grpc::CompletionQueue*),
      const Request& request) {
    return std::make_unique<RpcStream<T>>(&connection_, prepare, request);
  }

  absl::Status NoAnswer() const {
    return Problem(absl::StatusCode::kDeadlineExceeded,
                   absl::StrCat("the supervisor at ", connection_.socket,
                                " did not answer within ",
                                absl::FormatDuration(connection_.patience)),
                   "NO_ANSWER",
                   "it may have as many connections as it takes; try again, "
                   "or wait longer with --timeout");
  }

  Connection connection_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(
    const std::string& socket, absl::Duration patience,
    Interrupts* interrupts) {
  absl::StatusOr<int> fd = ConnectTo(socket);
  if (!fd.ok()) return fd.status();
  Connection connection;
  connection.socket = socket;
  connection.patience = patience;
  connection.interrupts = interrupts;
  connection.channel = grpc::CreateInsecureChannelFromFd("drover", *fd);
  connection.stub = AdminService::NewStub(connection.channel);
  return std::make_unique<RpcClient>(std::move(connection));
}

}  // namespace drover::cli
