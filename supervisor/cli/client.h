// Calls to the supervisor. No gRPC type leaks out: its headers are slow to
// compile, and a command needs none of them.
#ifndef SUPERVISOR_CLI_CLIENT_H_
#define SUPERVISOR_CLI_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/interrupts.h"

namespace drover::cli {

enum class Next {
  kMessage,
  // `until` has come.
  kTick,
  // The stream is over; status() says how.
  kEnd,
};

// One call that answers many times. Destroying it ends the call.
template <typename T>
class Stream {
 public:
  virtual ~Stream() = default;

  // The next answer into `*message`, or `until`, or the end.
  virtual Next Wait(absl::Time until, T* message) = 0;

  // After kEnd. IsInterrupted() if the user ended it.
  virtual absl::Status status() const = 0;
};

using OperationStream = Stream<admin::v1::Operation>;

// One connection. Statuses are as problem.h describes; calls that answer once
// fail with DEADLINE_EXCEEDED after `patience`, streams have no deadline.
class Client {
 public:
  // Unavailable: no supervisor there. PermissionDenied: this user may not
  // connect. `interrupts` outlives the client and its streams.
  static absl::StatusOr<std::unique_ptr<Client>> Connect(
      const std::string& socket, absl::Duration patience,
      Interrupts* interrupts);

  virtual ~Client() = default;

  virtual absl::StatusOr<admin::v1::SupervisorInfo> GetSupervisor() = 0;
  virtual absl::StatusOr<admin::v1::ListPoolsResponse> ListPools() = 0;
  virtual absl::StatusOr<admin::v1::Pool> GetPool(const std::string& pool) = 0;
  virtual absl::StatusOr<admin::v1::ListWorkersResponse> ListWorkers(
      const admin::v1::ListWorkersRequest& request) = 0;
  virtual absl::StatusOr<admin::v1::ListOperationsResponse> ListOperations(
      const admin::v1::ListOperationsRequest& request) = 0;
  virtual absl::StatusOr<admin::v1::Plan> Plan(
      const admin::v1::PlanConfigRequest& request) = 0;
  virtual absl::StatusOr<admin::v1::Operation> Cancel(
      const std::string& operation) = 0;

  virtual std::unique_ptr<OperationStream> WatchOperation(
      const std::string& id) = 0;
  virtual std::unique_ptr<OperationStream> Open(
      const admin::v1::ApplyConfigRequest& request) = 0;
  virtual std::unique_ptr<OperationStream> Open(
      const admin::v1::ScalePoolRequest& request) = 0;
  virtual std::unique_ptr<OperationStream> Open(
      const admin::v1::ReloadPoolRequest& request) = 0;
  virtual std::unique_ptr<OperationStream> Open(
      const admin::v1::RestartWorkerRequest& request) = 0;
  virtual std::unique_ptr<OperationStream> Open(
      const admin::v1::StopPoolRequest& request) = 0;
  virtual std::unique_ptr<OperationStream> Open(
      const admin::v1::StartPoolRequest& request) = 0;
  virtual std::unique_ptr<OperationStream> Open(
      const admin::v1::ShutdownRequest& request) = 0;

  virtual std::unique_ptr<Stream<admin::v1::Upgrade>> Open(
      const admin::v1::UpgradeSupervisorRequest& request) = 0;

  virtual std::unique_ptr<Stream<admin::v1::WatchEventsResponse>> Watch(
      const admin::v1::WatchEventsRequest& request) = 0;
  virtual std::unique_ptr<Stream<admin::v1::LogLine>> TailLogs(
      const admin::v1::TailLogsRequest& request) = 0;
};

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_CLIENT_H_
