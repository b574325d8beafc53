// Holds the numbers, durations and enums of any message of the schema to the
// table of rules.
#ifndef SUPERVISOR_CONFIG_RANGES_H_
#define SUPERVISOR_CONFIG_RANGES_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace drover::config {

// `path` is that of the message; the first value out of range is the answer.
// Fields that are not there are not judged, nor are repeated ones.
absl::Status CheckRanges(const google::protobuf::Message& message,
                         const std::string& path);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_RANGES_H_
