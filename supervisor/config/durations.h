// google.protobuf.Duration to and from absl::Duration, for what a hostile
// message may hold too.
#ifndef SUPERVISOR_CONFIG_DURATIONS_H_
#define SUPERVISOR_CONFIG_DURATIONS_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

namespace drover::config {

// Any value has a meaning: seconds plus nanoseconds, whatever their signs.
inline absl::Duration ToAbsl(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

// `duration` is finite.
inline google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(
      absl::IDivDuration(duration, absl::Nanoseconds(1), &duration)));
  return proto;
}

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_DURATIONS_H_
