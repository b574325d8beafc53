// A tree of YAML into a message, by the message's own descriptor: one walker
// for the whole schema.
#ifndef SUPERVISOR_CONFIG_BIND_H_
#define SUPERVISOR_CONFIG_BIND_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "supervisor/config/positions.h"
#include "supervisor/config/yaml_tree.h"

namespace drover::config {

// Fills `message` from the map `root` and notes where each field stands. null
// leaves a field unset. InvalidArgument, made of a Problem: an unknown field, a
// field given twice, a value of the wrong type.
//
// Where JSON's own spelling differs (countMax for count_max), `camel_case`
// accepts it too.
absl::Status Bind(const YamlNode& root, bool camel_case,
                  absl::string_view source, google::protobuf::Message* message,
                  Positions* positions);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_BIND_H_
