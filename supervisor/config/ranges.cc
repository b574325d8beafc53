#include "supervisor/config/ranges.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/unknown_field_set.h"
#include "supervisor/config/durations.h"
#include "supervisor/config/field_names.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/rules.h"

namespace drover::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string Show(absl::Duration duration) {
  return duration == absl::ZeroDuration() ? "0s"
                                          : absl::FormatDuration(duration);
}

std::string Show(double number) { return absl::StrFormat("%.15g", number); }

// Number and duration alike: in words if `value` is not in the rule's range.
template <typename Rule, typename Value>
absl::Status CheckRange(const Rule& rule, Value value, Value zero,
                        const std::string& path) {
  if (value >= rule.min && value <= rule.max) return absl::OkStatus();
  if (rule.or_zero && value == zero) return absl::OkStatus();
  bool below = value < rule.min;
  bool above = value > rule.max;
  std::string relation = below || above
                             ? absl::StrCat(below ? " is below " : " is above ",
                                            Show(below ? rule.min : rule.max))
                             : " is not a number";
  // A negative value is below everything that is allowed.
  if (rule.or_zero && value < zero) relation = " is below 0";
  return ToStatus(
      {.field = path,
       .found = absl::StrCat(Show(value), relation),
       .remedy = absl::StrCat("give ", rule.or_zero ? "0 or " : "",
                              Show(rule.min), "..", Show(rule.max))});
}

double NumberIn(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection.GetUInt64(message, &field));
    default:
      return reflection.GetDouble(message, &field);
  }
}

absl::Status CheckEnum(const Message& message, const FieldDescriptor& field,
                       const std::string& path) {
  int number = message.GetReflection()->GetEnumValue(message, &field);
  if (number != 0 && field.enum_type()->FindValueByNumber(number) != nullptr) {
    return absl::OkStatus();
  }
  return ToStatus({.field = path,
                   .found = absl::StrCat(number, " is no known action"),
                   .remedy = absl::StrCat("give one of ",
                                          EnumChoices(*field.enum_type()))});
}

absl::Status CheckField(const Message& message, const FieldDescriptor& field,
                        const std::string& path) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    return CheckEnum(message, field, path);
  }
  if (!message.GetReflection()->HasField(message, &field)) {
    return absl::OkStatus();
  }
  if (const NumberRule* rule = NumberRuleOf(field)) {
    return CheckRange(*rule, NumberIn(message, field), 0.0, path);
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return absl::OkStatus();
  }
  const Message& inner = message.GetReflection()->GetMessage(message, &field);
  if (const DurationRule* rule = DurationRuleOf(field)) {
    const auto& duration =
        static_cast<const google::protobuf::Duration&>(inner);
    return CheckRange(*rule, ToAbsl(duration), absl::ZeroDuration(), path);
  }
  return CheckRanges(inner, path);
}

// A newer client may set what this version does not know, and would believe it
// to be in force.
absl::Status CheckUnknown(const Message& message, const std::string& path) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  if (unknown.empty()) return absl::OkStatus();
  return ToStatus({.field = path,
                   .found = absl::StrCat("has a field of number ",
                                         unknown.field(0).number(),
                                         ", which this version does not know"),
                   .remedy = "leave it out, or run a newer supervisor"});
}

}  // namespace

absl::Status CheckRanges(const Message& message, const std::string& path) {
  absl::Status known = CheckUnknown(message, path);
  if (!known.ok()) return known;
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated()) continue;
    absl::Status status =
        CheckField(message, field, JoinPath(path, field.name()));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace drover::config
