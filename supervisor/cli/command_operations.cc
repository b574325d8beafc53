// operations: what runs and what has run.
#include "absl/time/clock.h"
#include "supervisor/cli/command.h"
#include "supervisor/cli/follow.h"
#include "supervisor/cli/json.h"
#include "supervisor/cli/render_operation.h"
#include "supervisor/cli/session.h"

namespace drover::cli {

Outcome Operations(const Options& options, Output* output) {
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  admin::v1::ListOperationsRequest request;
  request.set_running_only(options.running);
  absl::StatusOr<admin::v1::ListOperationsResponse> response =
      session.client().ListOperations(request);
  if (!response.ok()) return response.status();
  output->Print(output->json() ? ToJson(*response)
                               : RenderOperations(*response, absl::Now(),
                                                  output->style()));
  return ExitCode::kOk;
}

Outcome OperationsWatch(const Options& options, Output* output) {
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  return Follow(&session, session.client().WatchOperation(options.operation),
                options, output);
}

// Cancelling takes time (a reload rolls back), so its end is waited for too;
// that the operation ends cancelled is then what was asked for.
Outcome OperationsCancel(const Options& options, Output* output) {
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  absl::StatusOr<admin::v1::Operation> operation =
      session.client().Cancel(options.operation);
  if (!operation.ok()) return operation.status();
  Outcome outcome =
      Follow(&session, session.client().WatchOperation(options.operation),
             options, output);
  if (outcome.ok() && *outcome == ExitCode::kFailed) return ExitCode::kOk;
  return outcome;
}

}  // namespace drover::cli
