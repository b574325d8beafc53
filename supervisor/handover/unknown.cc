#include "supervisor/handover/unknown.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/unknown_field_set.h"

namespace drover::handover {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::optional<std::string> Find(const Message& message,
                                const std::string& path);

std::optional<std::string> FindIn(const Message& message,
                                  const FieldDescriptor* field,
                                  const std::string& path) {
  const auto* reflection = message.GetReflection();
  if (!field->is_repeated()) {
    return Find(reflection->GetMessage(message, field), path);
  }
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    auto found = Find(reflection->GetRepeatedMessage(message, field, i),
                      absl::StrCat(path, "[", i, "]"));
    if (found) return found;
  }
  return std::nullopt;
}

std::optional<std::string> Find(const Message& message,
                                const std::string& path) {
  const auto* reflection = message.GetReflection();
  const auto& unknown = reflection->GetUnknownFields(message);
  if (!unknown.empty()) {
    return absl::StrCat(path, path.empty() ? "" : ": ", "field ",
                        unknown.field(0).number(), " of ",
                        message.GetDescriptor()->full_name());
  }
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    auto found =
        FindIn(message, field,
               absl::StrCat(path, path.empty() ? "" : ".", field->name()));
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> FindUnknownField(const Message& message) {
  return Find(message, "");
}

}  // namespace drover::handover
