#include "supervisor/config/differences.h"

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "supervisor/config/durations.h"
#include "supervisor/config/field_names.h"
#include "supervisor/config/problem.h"

namespace drover::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr absl::string_view kUnset = "unset";

bool IsDuration(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Duration::descriptor();
}

std::string ShowDuration(const Message& message) {
  const auto& proto = static_cast<const google::protobuf::Duration&>(message);
  absl::Duration duration = ToAbsl(proto);
  return duration == absl::ZeroDuration() ? "0s"
                                          : absl::FormatDuration(duration);
}

std::string ShowList(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<std::string> items;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    items.push_back(
        field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32
            ? absl::StrCat(reflection.GetRepeatedUInt32(message, &field, i))
            : Quote(reflection.GetRepeatedString(message, &field, i)));
  }
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

// The value of a leaf.
std::string Show(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return ShowList(message, field);
  if (!reflection.HasField(message, &field)) return std::string(kUnset);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ShowDuration(reflection.GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return ShortForm(*reflection.GetEnum(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrFormat("%.15g", reflection.GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(message, &field));
    default:
      return Quote(reflection.GetString(message, &field));
  }
}

// A leaf for comparing: Show() cuts long text.
std::string Whole(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return Show(message, field);
  }
  if (!field.is_repeated()) return reflection.GetString(message, &field);
  std::string whole;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const std::string item = reflection.GetRepeatedString(message, &field, i);
    absl::StrAppend(&whole, item.size(), ":", item);
  }
  return whole;
}

// The entries of a map, or the messages of a list by their names.
std::map<std::string, const Message*> ByName(const Message& message,
                                             const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor* name =
      field.is_map() ? field.message_type()->map_key()
                     : field.message_type()->FindFieldByName("name");
  std::map<std::string, const Message*> items;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& item = reflection.GetRepeatedMessage(message, &field, i);
    items[item.GetReflection()->GetString(item, name)] = &item;
  }
  return items;
}

void Append(std::vector<std::string> more, std::vector<std::string>* all) {
  for (std::string& one : more) all->push_back(std::move(one));
}

// How one item, which is in at least one of the two, differs.
std::vector<std::string> ItemDifferences(const Message* former,
                                         const Message* next,
                                         const FieldDescriptor& field,
                                         const std::string& path) {
  if (former == nullptr) return {absl::StrCat(path, ": added")};
  if (next == nullptr) return {absl::StrCat(path, ": removed")};
  std::vector<std::string> inner = Differences(*former, *next, path);
  if (!field.is_map() || inner.empty()) return inner;
  return {absl::StrCat(path, ": changed")};
}

std::vector<std::string> ItemsDifferences(const Message& former,
                                          const Message& next,
                                          const FieldDescriptor& field,
                                          const std::string& path) {
  std::map<std::string, const Message*> before = ByName(former, field);
  std::map<std::string, const Message*> after = ByName(next, field);
  std::map<std::string, const Message*> either = before;
  either.insert(after.begin(), after.end());
  auto find = [](const auto& items, const std::string& name) {
    auto found = items.find(name);
    return found == items.end() ? nullptr : found->second;
  };
  std::vector<std::string> differences;
  for (const auto& [name, item] : either) {
    const std::string shown = absl::CHexEscape(name);
    Append(
        ItemDifferences(find(before, name), find(after, name), field,
                        field.is_map() ? JoinPath(path, shown)
                                       : absl::StrCat(path, "[", shown, "]")),
        &differences);
  }
  return differences;
}

}  // namespace

std::vector<std::string> Differences(const Message& former, const Message& next,
                                     absl::string_view path) {
  std::vector<std::string> differences;
  const google::protobuf::Descriptor& type = *former.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    Append(FieldDifferences(former, next, *type.field(i), path), &differences);
  }
  return differences;
}

std::vector<std::string> FieldDifferences(const Message& former,
                                          const Message& next,
                                          const FieldDescriptor& field,
                                          absl::string_view path) {
  const std::string here = JoinPath(path, field.name());
  bool leaf =
      field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsDuration(field);
  if (!leaf && field.is_repeated()) {
    return ItemsDifferences(former, next, field, here);
  }
  if (!leaf) {
    return Differences(former.GetReflection()->GetMessage(former, &field),
                       next.GetReflection()->GetMessage(next, &field), here);
  }
  if (Whole(former, field) == Whole(next, field)) return {};
  return {
      absl::StrCat(here, ": ", Show(former, field), " -> ", Show(next, field))};
}

}  // namespace drover::config
