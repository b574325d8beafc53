// Everything of one moment, in messages that fit into frames.
#ifndef SUPERVISOR_CONTROL_SNAPSHOT_H_
#define SUPERVISOR_CONTROL_SNAPSHOT_H_

#include <deque>
#include <string>

#include "supervisor/control/backend.h"

namespace drover::control {

// Serialized WatchEventsResponses, one at least; all but the last say `more`.
// Empty `pool` = all of them.
std::deque<std::string> SnapshotParts(const Backend& backend,
                                      const std::string& pool,
                                      const std::string& token);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_SNAPSHOT_H_
