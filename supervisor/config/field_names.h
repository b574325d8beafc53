// Names of the schema in the words of a configuration file.
#ifndef SUPERVISOR_CONFIG_FIELD_NAMES_H_
#define SUPERVISOR_CONFIG_FIELD_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace drover::config {

// "pools[0]" and "count" make "pools[0].count".
std::string JoinPath(absl::string_view path, absl::string_view name);

// The short form of an enum value: EXIT_ACTION_STOP_POOL is "stop_pool".
std::string ShortForm(const google::protobuf::EnumValueDescriptor& value);

// The value of that short form or full name; nullptr if there is none or it is
// the unspecified one.
const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, absl::string_view name);

// "restart, leave, stop_pool, shut_down"
std::string EnumChoices(const google::protobuf::EnumDescriptor& type);

// What to do about a field name that the message does not have: the nearest
// known name, or all of them where none is near.
std::string UnknownFieldRemedy(const google::protobuf::Descriptor& type,
                               absl::string_view name);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_FIELD_NAMES_H_
