#include "supervisor/cli/json.h"

#include "google/protobuf/util/json_util.h"
#include "google/protobuf/wrappers.pb.h"

namespace drover::cli {
namespace {

std::string Print(const google::protobuf::Message& message, bool all_fields) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = all_fields;
  std::string out;
  // Fails only for an Any of a type unknown here, and none is ever printed.
  if (!google::protobuf::util::MessageToJsonString(message, &out, options)
           .ok()) {
    out = "{}";
  }
  out.push_back('\n');
  return out;
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  return Print(message, true);
}

std::string ToSparseJson(const google::protobuf::Message& message) {
  return Print(message, false);
}

std::string JsonString(const std::string& text) {
  google::protobuf::StringValue value;
  value.set_value(text);
  std::string json = Print(value, true);
  json.pop_back();
  return json;
}

}  // namespace drover::cli
