// Fields of a later release in a message. Pure.
#ifndef SUPERVISOR_HANDOVER_UNKNOWN_H_
#define SUPERVISOR_HANDOVER_UNKNOWN_H_

#include <optional>
#include <string>

#include "google/protobuf/message.h"

namespace drover::handover {

// The path of the first field that this release does not know, such as
// "core.pools[0].generations[0].spec: field 57 of drover.config.v1.Pool".
// A state that uses nothing new has none, and so may go back to the release
// before; one that does must not, or what the field says would be lost.
std::optional<std::string> FindUnknownField(
    const google::protobuf::Message& message);

}  // namespace drover::handover

#endif  // SUPERVISOR_HANDOVER_UNKNOWN_H_
