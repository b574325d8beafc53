// One scalar of a file into one field of a message.
#ifndef SUPERVISOR_CONFIG_SCALAR_H_
#define SUPERVISOR_CONFIG_SCALAR_H_

#include <optional>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/yaml_tree.h"

namespace drover::config {

// The field takes one scalar: a number, word, text, or duration.
bool IsScalar(const google::protobuf::FieldDescriptor& field);

// Sets the field, or adds to it if it is repeated. What is wrong with the
// value, without a field, if it does not fit. `node` is a kScalar.
std::optional<Problem> SetScalar(const YamlNode& node,
                                 const google::protobuf::FieldDescriptor& field,
                                 google::protobuf::Message* message);

// What the field takes, for messages: "a duration such as 500ms, 1.5s or 2m".
std::string Wanted(const google::protobuf::FieldDescriptor& field);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_SCALAR_H_
