// Sets a field of a message by its path and a text: "restart.backoff.max" and
// "5s". For traces.
#ifndef SUPERVISOR_CORE_TESTING_FIELD_H_
#define SUPERVISOR_CORE_TESTING_FIELD_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace drover::core {

// Durations as "1.5s", enums in their short form ("stop_pool"), lists with
// commas. InvalidArgument says what does not fit.
absl::Status SetField(absl::string_view path, absl::string_view value,
                      google::protobuf::Message* message);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_FIELD_H_
