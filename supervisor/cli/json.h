// --output json: protobuf's JSON, one object a line.
//
// Field names are those of the .proto files (state_age, not stateAge), the same
// as in configuration files. Fields without a value are written too, so that a
// script always finds them; 64-bit numbers are strings, as protobuf writes them
// everywhere.
#ifndef SUPERVISOR_CLI_JSON_H_
#define SUPERVISOR_CLI_JSON_H_

#include <string>

#include "google/protobuf/message.h"

namespace drover::cli {

// One line, with its newline.
std::string ToJson(const google::protobuf::Message& message);

// The same, with only those fields that are set: for a reader that tells "not
// given" from "empty".
std::string ToSparseJson(const google::protobuf::Message& message);

// A string as a JSON value, with its quotes.
std::string JsonString(const std::string& text);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_JSON_H_
