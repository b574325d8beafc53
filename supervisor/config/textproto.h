// The schema in protobuf's text format.
#ifndef SUPERVISOR_CONFIG_TEXTPROTO_H_
#define SUPERVISOR_CONFIG_TEXTPROTO_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "supervisor/config/positions.h"

namespace drover::config {

// Fills `message` and notes where each field stands. InvalidArgument, made of a
// Problem, for the first error.
absl::Status ReadTextproto(absl::string_view text, absl::string_view source,
                           google::protobuf::Message* message,
                           Positions* positions);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_TEXTPROTO_H_
