// The fields in which two messages differ, for people to read.
#ifndef SUPERVISOR_CONFIG_DIFFERENCES_H_
#define SUPERVISOR_CONFIG_DIFFERENCES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace drover::config {

// "count: 4 -> 8", "timeouts.stop: 30s -> 1m", "listeners[http]: added", in the
// order of the schema. Messages in a list are matched by their `name`, whatever
// their order. Of maps, which may hold secrets, only the names are said:
// "environment.TOKEN: changed". `path` goes in front of each name.
std::vector<std::string> Differences(const google::protobuf::Message& former,
                                     const google::protobuf::Message& next,
                                     absl::string_view path);

// The same for one field of the two.
std::vector<std::string> FieldDifferences(
    const google::protobuf::Message& former,
    const google::protobuf::Message& next,
    const google::protobuf::FieldDescriptor& field, absl::string_view path);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_DIFFERENCES_H_
