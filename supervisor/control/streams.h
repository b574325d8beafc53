// The kinds of stream of the admin API.
#ifndef SUPERVISOR_CONTROL_STREAMS_H_
#define SUPERVISOR_CONTROL_STREAMS_H_

#include <memory>
#include <string>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/control/backend.h"
#include "supervisor/control/event_log.h"
#include "supervisor/control/stream.h"
#include "supervisor/core/ids.h"
#include "supervisor/output/store.h"

namespace drover::control {

// The operation now, again whenever it or what it waits for has changed, and
// its end.
std::unique_ptr<Stream> MakeOperationStream(const Backend& backend,
                                            core::OperationId operation);

// A snapshot, then the events that follow it; of `pool` and of no pool, or all
// if it is empty. A client that falls behind what is kept is told how many it
// lost, counted over all pools.
std::unique_ptr<Stream> MakeEventStream(const Backend& backend,
                                        const EventLog& log,
                                        const std::string& pool);

// From the event with the number `from` on, without a snapshot.
std::unique_ptr<Stream> ResumeEventStream(const EventLog& log,
                                          const std::string& pool,
                                          uint64_t from);

// The upgrade under way, again whenever it has changed, and its end.
std::unique_ptr<Stream> MakeUpgradeStream(const Backend& backend);

// Kept lines, then new ones if the request follows.
std::unique_ptr<Stream> MakeLogStream(
    output::Store& store, const admin::v1::TailLogsRequest& request);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_STREAMS_H_
