#include "supervisor/config/scalar.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "supervisor/config/durations.h"
#include "supervisor/config/field_names.h"

namespace drover::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What google.protobuf.Duration can hold: about ten thousand years.
constexpr absl::Duration kDurationMax = absl::Hours(24 * 365 * 10000);

bool IsDuration(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Duration::descriptor();
}

bool IsUnsigned(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

Problem NotWanted(const YamlNode& node, const FieldDescriptor& field) {
  return {.found = absl::StrCat(Quote(node.text), " does not fit"),
          .remedy = absl::StrCat("give ", Wanted(field))};
}

std::optional<Problem> SetDuration(const YamlNode& node,
                                   const FieldDescriptor& field,
                                   Message* message) {
  absl::Duration duration;
  double number = 0;
  if (!absl::ParseDuration(node.text, &duration) ||
      absl::AbsDuration(duration) > kDurationMax) {
    if (!absl::SimpleAtod(node.text, &number) || !std::isfinite(number)) {
      return NotWanted(node, field);
    }
    return Problem{.found = absl::StrCat(Quote(node.text), " has no unit"),
                   .remedy = absl::StrCat("give ", Wanted(field))};
  }
  message->GetReflection()
      ->MutableMessage(message, &field)
      ->CopyFrom(ToProto(duration));
  return std::nullopt;
}

std::optional<Problem> SetBool(const YamlNode& node,
                               const FieldDescriptor& field, Message* message) {
  if (node.quoted || (node.text != "true" && node.text != "false")) {
    return NotWanted(node, field);
  }
  message->GetReflection()->SetBool(message, &field, node.text == "true");
  return std::nullopt;
}

std::optional<Problem> SetEnum(const YamlNode& node,
                               const FieldDescriptor& field, Message* message) {
  const auto* value = FindEnumValue(*field.enum_type(), node.text);
  if (value == nullptr) return NotWanted(node, field);
  message->GetReflection()->SetEnum(message, &field, value);
  return std::nullopt;
}

std::optional<Problem> SetDouble(const YamlNode& node,
                                 const FieldDescriptor& field,
                                 Message* message) {
  double number = 0;
  if (!absl::SimpleAtod(node.text, &number) || !std::isfinite(number)) {
    return NotWanted(node, field);
  }
  message->GetReflection()->SetDouble(message, &field, number);
  return std::nullopt;
}

// `auto_count` of `count`: the field that the word auto sets instead.
const FieldDescriptor* AutomaticTwin(const FieldDescriptor& field) {
  return field.containing_type()->FindFieldByName(
      absl::StrCat("auto_", field.name()));
}

template <typename Number>
std::optional<Problem> SetUnsigned(
    const YamlNode& node, const FieldDescriptor& field, Message* message,
    void (Reflection::*set)(Message*, const FieldDescriptor*, Number) const) {
  Number number = 0;
  if (!IsUnsigned(node.text) || !absl::SimpleAtoi(node.text, &number)) {
    return NotWanted(node, field);
  }
  (message->GetReflection()->*set)(message, &field, number);
  return std::nullopt;
}

std::optional<Problem> SetUint32(const YamlNode& node,
                                 const FieldDescriptor& field,
                                 Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const FieldDescriptor* automatic = AutomaticTwin(field);
  if (automatic != nullptr && node.text == "auto") {
    reflection.SetBool(message, automatic, true);
    return std::nullopt;
  }
  return SetUnsigned(
      node, field, message,
      field.is_repeated() ? &Reflection::AddUInt32 : &Reflection::SetUInt32);
}

// Numbers and words are text where text is wanted: `user: 1000`, `umask: 0027`
// and `PORT: 8080` mean what they look like.
std::optional<Problem> SetString(const YamlNode& node,
                                 const FieldDescriptor& field,
                                 Message* message) {
  const Reflection& reflection = *message->GetReflection();
  if (field.is_repeated()) {
    reflection.AddString(message, &field, node.text);
  } else {
    reflection.SetString(message, &field, node.text);
  }
  return std::nullopt;
}

}  // namespace

bool IsScalar(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
         IsDuration(field);
}

std::optional<Problem> SetScalar(const YamlNode& node,
                                 const FieldDescriptor& field,
                                 Message* message) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetDuration(node, field, message);
    case FieldDescriptor::CPPTYPE_BOOL:
      return SetBool(node, field, message);
    case FieldDescriptor::CPPTYPE_ENUM:
      return SetEnum(node, field, message);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return SetDouble(node, field, message);
    case FieldDescriptor::CPPTYPE_UINT32:
      return SetUint32(node, field, message);
    case FieldDescriptor::CPPTYPE_UINT64:
      return SetUnsigned(node, field, message, &Reflection::SetUInt64);
    case FieldDescriptor::CPPTYPE_STRING:
      return SetString(node, field, message);
    default:
      // A test holds the schema to the types above.
      return Problem{.found = "this field cannot be set from a file"};
  }
}

std::string Wanted(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsDuration(field) ? "a duration such as 500ms, 1.5s or 2m"
                               : "a map of fields";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("one of ", EnumChoices(*field.enum_type()));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "a number";
    case FieldDescriptor::CPPTYPE_STRING:
      return "text";
    default:
      return AutomaticTwin(field) == nullptr
                 ? "a whole number, 0 or more"
                 : "a whole number, 0 or more, or auto";
  }
}

}  // namespace drover::config
