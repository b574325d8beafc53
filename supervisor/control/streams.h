// The three kinds of stream of the admin API.
#ifndef SUPERVISOR_CONTROL_STREAMS_H_
#define SUPERVISOR_CONTROL_STREAMS_H_

#include <memory>
#include <string>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/control/backend.h"
#include "supervisor/control/event_log.h"
#include "supervisor/control/stream.h"
#include "supervisor/core/ids.h"

namespace drover::control {

// The operation now, whenever it or what it waits for has changed, and its end.
std::unique_ptr<Stream> MakeOperationStream(const Backend& backend,
                                            core::OperationId operation);

// A snapshot, unless `from` names the first event wanted; then events. A client
// that falls behind what is kept is told how many it lost.
std::unique_ptr<Stream> MakeEventStream(const Backend& backend,
                                        const EventLog& log, std::string pool,
                                        uint64_t from, bool with_snapshot);

// Kept lines, then new ones if the request follows.
std::unique_ptr<Stream> MakeLogStream(
    Backend& backend, const admin::v1::TailLogsRequest& request);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_STREAMS_H_
