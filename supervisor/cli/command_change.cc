// scale, reload, restart, stop, start, shutdown: one request, then its
// operation to the end.
#include "supervisor/cli/command.h"
#include "supervisor/cli/follow.h"
#include "supervisor/cli/session.h"

namespace drover::cli {
namespace {

template <typename Request>
Outcome Ask(const Request& request, const Options& options, Output* output) {
  Session session(options);
  if (absl::Status status = session.Connect(); !status.ok()) return status;
  return Follow(&session, session.client().Open(request), options, output);
}

}  // namespace

Outcome Scale(const Options& options, Output* output) {
  admin::v1::ScalePoolRequest request;
  request.set_pool(options.pool);
  request.set_count(options.count);
  return Ask(request, options, output);
}

Outcome Reload(const Options& options, Output* output) {
  admin::v1::ReloadPoolRequest request;
  request.set_pool(options.pool);
  if (options.in_place || options.replace) {
    request.set_in_place(options.in_place);
  }
  return Ask(request, options, output);
}

Outcome Restart(const Options& options, Output* output) {
  admin::v1::RestartWorkerRequest request;
  request.set_pool(options.pool);
  request.set_slot(options.slot.value_or(0));
  return Ask(request, options, output);
}

Outcome Stop(const Options& options, Output* output) {
  admin::v1::StopPoolRequest request;
  request.set_pool(options.pool);
  return Ask(request, options, output);
}

Outcome Start(const Options& options, Output* output) {
  admin::v1::StartPoolRequest request;
  request.set_pool(options.pool);
  return Ask(request, options, output);
}

Outcome Shutdown(const Options& options, Output* output) {
  admin::v1::ShutdownRequest request;
  request.set_hard(options.hard);
  request.set_fast(options.fast);
  return Ask(request, options, output);
}

}  // namespace drover::cli
