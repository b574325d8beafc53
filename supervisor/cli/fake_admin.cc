#include "supervisor/cli/fake_admin.h"

#include <grpcpp/grpcpp.h>
#include <stdlib.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "drover/admin/v1/admin.grpc.pb.h"

namespace drover::cli {
namespace {

using admin::v1::Operation;
using grpc::ServerContext;
using grpc::ServerWriter;

// How often a held stream looks whether its client is still there.
constexpr absl::Duration kLookEvery = absl::Milliseconds(5);

class Service : public admin::v1::AdminService::Service {
 public:
  grpc::Status GetSupervisor(ServerContext*,
                             const admin::v1::GetSupervisorRequest* request,
                             admin::v1::SupervisorInfo* response) override {
    *response = answers().state.supervisor();
    return Note("GetSupervisor", *request);
  }

  grpc::Status ListPools(ServerContext*,
                         const admin::v1::ListPoolsRequest* request,
                         admin::v1::ListPoolsResponse* response) override {
    *response->mutable_pools() = answers().state.pools();
    return Note("ListPools", *request);
  }

  grpc::Status GetPool(ServerContext*, const admin::v1::GetPoolRequest* request,
                       admin::v1::Pool* response) override {
    const FakeAnswers said = answers();
    for (const admin::v1::Pool& pool : said.state.pools()) {
      if (pool.name() == request->pool()) {
        *response = pool;
        return Note("GetPool", *request);
      }
    }
    return grpc::Status(grpc::NOT_FOUND, "no such pool");
  }

  // One worker a page, so that pages are followed.
  grpc::Status ListWorkers(ServerContext*,
                           const admin::v1::ListWorkersRequest* request,
                           admin::v1::ListWorkersResponse* response) override {
    int index =
        request->page_token().empty() ? 0 : std::stoi(request->page_token());
    const FakeAnswers said = answers();
    if (index < said.state.workers_size()) {
      *response->add_workers() = said.state.workers(index);
    }
    if (index + 1 < said.state.workers_size()) {
      response->set_next_page_token(absl::StrCat(index + 1));
    }
    return Note("ListWorkers", *request);
  }

  grpc::Status ListOperations(
      ServerContext*, const admin::v1::ListOperationsRequest* request,
      admin::v1::ListOperationsResponse* response) override {
    *response->mutable_operations() = answers().state.operations();
    return Note("ListOperations", *request);
  }

  grpc::Status PlanConfig(ServerContext*,
                          const admin::v1::PlanConfigRequest* request,
                          admin::v1::Plan* response) override {
    *response = answers().plan;
    return Note("PlanConfig", *request);
  }

  grpc::Status CancelOperation(ServerContext*,
                               const admin::v1::CancelOperationRequest* request,
                               Operation* response) override {
    const FakeAnswers said = answers();
    if (!said.watched.empty()) *response = said.watched[0];
    return Note("CancelOperation", *request);
  }

  grpc::Status WatchOperation(ServerContext* context,
                              const admin::v1::WatchOperationRequest* request,
                              ServerWriter<Operation>* writer) override {
    grpc::Status status = Note("WatchOperation", *request);
    return status.ok() ? Send(context, answers().watched, 0, writer) : status;
  }

#define DROVER_FAKE_OPERATION(Method, Request)                    \
  grpc::Status Method(ServerContext* context,                     \
                      const admin::v1::Request* request,          \
                      ServerWriter<Operation>* writer) override { \
    return Operate(context, #Method, *request, writer);           \
  }
  DROVER_FAKE_OPERATION(ApplyConfig, ApplyConfigRequest)
  DROVER_FAKE_OPERATION(ScalePool, ScalePoolRequest)
  DROVER_FAKE_OPERATION(ReloadPool, ReloadPoolRequest)
  DROVER_FAKE_OPERATION(RestartWorker, RestartWorkerRequest)
  DROVER_FAKE_OPERATION(StopPool, StopPoolRequest)
  DROVER_FAKE_OPERATION(StartPool, StartPoolRequest)
  DROVER_FAKE_OPERATION(Shutdown, ShutdownRequest)
#undef DROVER_FAKE_OPERATION

  grpc::Status UpgradeSupervisor(
      ServerContext* context,
      const admin::v1::UpgradeSupervisorRequest* request,
      ServerWriter<admin::v1::Upgrade>* writer) override {
    grpc::Status status = Note("UpgradeSupervisor", *request);
    if (!status.ok()) return status;
    const FakeAnswers said = answers();
    return Send(context, said.upgrade, said.end_code, writer);
  }

  grpc::Status WatchEvents(
      ServerContext* context, const admin::v1::WatchEventsRequest* request,
      ServerWriter<admin::v1::WatchEventsResponse>* writer) override {
    grpc::Status status = Note("WatchEvents", *request);
    if (!status.ok()) return status;
    const FakeAnswers said = answers();
    return Send(context, said.events, said.end_code, writer);
  }

  grpc::Status TailLogs(ServerContext* context,
                        const admin::v1::TailLogsRequest* request,
                        ServerWriter<admin::v1::LogLine>* writer) override {
    grpc::Status status = Note("TailLogs", *request);
    if (!status.ok()) return status;
    const FakeAnswers said = answers();
    return Send(context, said.logs, said.end_code, writer);
  }

  void Answer(const FakeAnswers& answers) {
    std::lock_guard<std::mutex> lock(mutex_);
    answers_ = answers;
  }

  std::vector<std::string> requests() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }

  bool WaitHeld(absl::Duration patience) {
    std::unique_lock<std::mutex> lock(mutex_);
    return holding_.wait_until(lock, absl::ToChronoTime(absl::Now() + patience),
                               [this] { return held_; });
  }

 private:
  FakeAnswers answers() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return answers_;
  }

  template <typename Request>
  grpc::Status Operate(ServerContext* context, const char* method,
                       const Request& request,
                       ServerWriter<Operation>* writer) {
    grpc::Status status = Note(method, request);
    if (!status.ok()) return status;
    const FakeAnswers said = answers();
    return Send(context, said.operation, said.end_code, writer);
  }

  template <typename T>
  grpc::Status Send(ServerContext* context, const std::vector<T>& messages,
                    int end_code, ServerWriter<T>* writer) {
    for (const T& message : messages) writer->Write(message);
    const FakeAnswers said = answers();
    if (said.hold) {
      NoteHeld();
      while (!context->IsCancelled()) absl::SleepFor(kLookEvery);
    }
    auto code = static_cast<grpc::StatusCode>(end_code);
    if (said.end_reason.empty()) return grpc::Status(code, "");
    admin::v1::ErrorDetail detail;
    detail.set_reason(said.end_reason);
    return WithDetail(code, "the supervisor has ended", detail);
  }

  void NoteHeld() {
    std::lock_guard<std::mutex> lock(mutex_);
    held_ = true;
    holding_.notify_all();
  }

  static grpc::Status WithDetail(grpc::StatusCode code,
                                 const std::string& message,
                                 const admin::v1::ErrorDetail& detail) {
    admin::v1::StatusDetails details;
    details.set_code(code);
    details.add_details()->PackFrom(detail);
    return grpc::Status(code, message, details.SerializeAsString());
  }

  // Remembers the call; the refusal that stands for all, or OK.
  grpc::Status Note(const char* method,
                    const google::protobuf::Message& request) {
    std::lock_guard<std::mutex> lock(mutex_);
    requests_.push_back(absl::StrCat(method, " ", request.ShortDebugString()));
    if (answers_.refuse_code == 0) return grpc::Status::OK;
    return WithDetail(static_cast<grpc::StatusCode>(answers_.refuse_code),
                      answers_.refuse_message, answers_.refusal);
  }

  // Guards the rest. (A standard one: see Interrupts.)
  mutable std::mutex mutex_;
  std::condition_variable holding_;
  FakeAnswers answers_;
  std::vector<std::string> requests_;
  bool held_ = false;
};

class RunningFake : public FakeAdmin {
 public:
  explicit RunningFake(std::string directory)
      : directory_(std::move(directory)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("unix:", socket()),
                             grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }

  ~RunningFake() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    ::unlink(socket().c_str());
    ::rmdir(directory_.c_str());
  }

  std::string socket() const override {
    return absl::StrCat(directory_, "/admin.sock");
  }
  void Answer(const FakeAnswers& answers) override { service_.Answer(answers); }
  std::vector<std::string> requests() const override {
    return service_.requests();
  }
  bool WaitHeld(absl::Duration patience) override {
    return service_.WaitHeld(patience);
  }

 private:
  std::string directory_;
  Service service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::unique_ptr<FakeAdmin> FakeAdmin::Start() {
  std::string directory = "/tmp/drover-cli-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return nullptr;
  return std::make_unique<RunningFake>(std::move(directory));
}

}  // namespace drover::cli
