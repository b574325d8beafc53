// Everything of one moment, in messages that fit into frames.
#ifndef SUPERVISOR_CONTROL_SNAPSHOT_H_
#define SUPERVISOR_CONTROL_SNAPSHOT_H_

#include <cstddef>
#include <deque>
#include <string>

#include "supervisor/control/backend.h"
#include "supervisor/control/limits.h"

namespace drover::control {

// Serialized WatchEventsResponses, one at least; all but the last say `more`.
// Empty `pool` = all of them.
std::deque<std::string> SnapshotParts(const Backend& backend,
                                      const std::string& pool,
                                      const std::string& token,
                                      size_t part_bytes = kPartBytes);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_SNAPSHOT_H_
