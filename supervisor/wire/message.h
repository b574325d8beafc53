// Messages of the worker protocol to and from frame bodies.
#ifndef SUPERVISOR_WIRE_MESSAGE_H_
#define SUPERVISOR_WIRE_MESSAGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/worker/v1/worker.pb.h"

namespace drover::wire {

// Reads a worker's frame. InvalidArgument: the bytes are not the envelope (a
// violation of kind PARSE). A body of an unknown kind parses: it is then
// BODY_NOT_SET.
absl::StatusOr<worker::v1::ToSupervisor> ParseToSupervisor(
    absl::string_view body);

// Appends one frame that holds the message. InvalidArgument, and nothing
// appended, if it is larger than a frame may be.
absl::Status AppendToWorker(const worker::v1::ToWorker& message,
                            std::string* out);

}  // namespace drover::wire

#endif  // SUPERVISOR_WIRE_MESSAGE_H_
