#include "supervisor/core/testing/field.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"

namespace drover::core {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Misfit(const FieldDescriptor& field, absl::string_view value) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", value, "\" is no value for ", field.name()));
}

absl::Status SetDuration(const FieldDescriptor& field, absl::string_view value,
                         Message* message) {
  absl::Duration duration;
  if (!absl::ParseDuration(value, &duration)) return Misfit(field, value);
  google::protobuf::Duration proto;
  const int64_t nanos = absl::ToInt64Nanoseconds(duration);
  proto.set_seconds(nanos / 1'000'000'000);
  proto.set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  message->GetReflection()->MutableMessage(message, &field)->CopyFrom(proto);
  return absl::OkStatus();
}

// EXIT_ACTION_STOP_POOL for "stop_pool".
const EnumValueDescriptor* FindValue(const FieldDescriptor& field,
                                     absl::string_view value) {
  const std::string end = absl::StrCat("_", absl::AsciiStrToUpper(value));
  for (int i = 0; i < field.enum_type()->value_count(); ++i) {
    const EnumValueDescriptor* found = field.enum_type()->value(i);
    if (absl::EndsWith(found->name(), end)) return found;
  }
  return nullptr;
}

absl::Status Append(const FieldDescriptor& field, const std::string& value,
                    Message* message) {
  const auto* reflection = message->GetReflection();
  uint32_t number = 0;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    reflection->AddString(message, &field, value);
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 &&
             absl::SimpleAtoi(value, &number)) {
    reflection->AddUInt32(message, &field, number);
  } else {
    return Misfit(field, value);
  }
  return absl::OkStatus();
}

absl::Status SetList(const FieldDescriptor& field, absl::string_view value,
                     Message* message) {
  message->GetReflection()->ClearField(message, &field);
  const std::vector<std::string> items =
      absl::StrSplit(value, ',', absl::SkipEmpty());
  for (const std::string& item : items) {
    if (absl::Status status = Append(field, item, message); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status SetValue(const FieldDescriptor& field, absl::string_view value,
                      Message* message) {
  const auto* reflection = message->GetReflection();
  if (field.is_repeated()) return SetList(field, value, message);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return SetDuration(field, value, message);
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(message, &field, std::string(value));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection->SetBool(message, &field, value == "true");
      return value == "true" || value == "false" ? absl::OkStatus()
                                                 : Misfit(field, value);
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t number = 0;
      if (!absl::SimpleAtoi(value, &number)) return Misfit(field, value);
      reflection->SetUInt32(message, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      double number = 0;
      if (!absl::SimpleAtod(value, &number)) return Misfit(field, value);
      reflection->SetDouble(message, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* found = FindValue(field, value);
      if (found == nullptr) return Misfit(field, value);
      reflection->SetEnum(message, &field, found);
      return absl::OkStatus();
    }
    default:
      return Misfit(field, value);
  }
}

}  // namespace

absl::Status SetField(absl::string_view path, absl::string_view value,
                      Message* message) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(path, absl::MaxSplits('.', 1));
  const FieldDescriptor* field =
      message->GetDescriptor()->FindFieldByName(std::string(parts.first));
  if (field == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no field ", parts.first, " in ", message->GetDescriptor()->name()));
  }
  if (parts.second.empty()) return SetValue(*field, value, message);
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
      field->is_repeated()) {
    return absl::InvalidArgumentError(
        absl::StrCat(parts.first, " has no fields"));
  }
  return SetField(parts.second, value,
                  message->GetReflection()->MutableMessage(message, field));
}

}  // namespace drover::core
