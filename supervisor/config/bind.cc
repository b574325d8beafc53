#include "supervisor/config/bind.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "supervisor/config/field_names.h"
#include "supervisor/config/problem.h"
#include "supervisor/config/scalar.h"

namespace drover::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Kind = YamlNode::Kind;

std::string KindName(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return "null";
    case Kind::kScalar:
      return Quote(node.text);
    case Kind::kSequence:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "";
}

class Binder {
 public:
  Binder(bool camel_case, absl::string_view source, Positions* positions)
      : camel_case_(camel_case), source_(source), positions_(positions) {}

  absl::Status BindMessage(const YamlNode& map, const std::string& path,
                           Message* message);

 private:
  absl::Status BindField(const YamlNode& node, const std::string& path,
                         const FieldDescriptor& field, Message* message);
  absl::Status BindList(const YamlNode& list, const std::string& path,
                        const FieldDescriptor& field, Message* message);
  absl::Status BindMap(const YamlNode& map, const std::string& path,
                       const FieldDescriptor& field, Message* message);
  absl::Status BindScalar(const YamlNode& node, const std::string& path,
                          const FieldDescriptor& field, Message* message);
  const FieldDescriptor* FindField(const Descriptor& type,
                                   const std::string& name) const;
  absl::Status UnknownField(const YamlNode& key, const std::string& path,
                            const Descriptor& type) const;

  absl::Status Refuse(const YamlNode& node, std::string path, std::string found,
                      std::string remedy) const {
    return ToStatus({.field = std::move(path),
                     .found = std::move(found),
                     .remedy = std::move(remedy)},
                    source_, node.at);
  }

  absl::Status WrongKind(const YamlNode& node, const std::string& path,
                         const std::string& wanted) const {
    return Refuse(node, path, absl::StrCat(KindName(node), " does not fit"),
                  absl::StrCat("give ", wanted));
  }

  absl::Status GivenTwice(const YamlNode& key, const std::string& path) const {
    return Refuse(key, path, "given twice", "keep one");
  }

  const bool camel_case_;
  const absl::string_view source_;
  Positions* const positions_;
};

absl::Status Binder::BindMessage(const YamlNode& map, const std::string& path,
                                 Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  if (map.kind != Kind::kMap) {
    return WrongKind(
        map, path,
        path.empty() ? "a map that begins with pools:" : "a map of fields");
  }
  positions_->Add(path, map.at);
  absl::flat_hash_set<const FieldDescriptor*> seen;
  for (size_t i = 0; i + 1 < map.children.size(); i += 2) {
    const YamlNode& key = *map.children[i];
    const FieldDescriptor* field =
        key.kind == Kind::kScalar ? FindField(type, key.text) : nullptr;
    if (field == nullptr) return UnknownField(key, path, type);
    const std::string here = JoinPath(path, field->name());
    if (!seen.insert(field).second) return GivenTwice(key, here);
    absl::Status status =
        BindField(*map.children[i + 1], here, *field, message);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Binder::BindField(const YamlNode& node, const std::string& path,
                               const FieldDescriptor& field, Message* message) {
  positions_->Add(path, node.at);
  if (node.kind == Kind::kNull) return absl::OkStatus();
  if (field.is_map()) return BindMap(node, path, field, message);
  if (field.is_repeated()) return BindList(node, path, field, message);
  if (IsScalar(field)) return BindScalar(node, path, field, message);
  return BindMessage(node, path,
                     message->GetReflection()->MutableMessage(message, &field));
}

absl::Status Binder::BindList(const YamlNode& list, const std::string& path,
                              const FieldDescriptor& field, Message* message) {
  if (list.kind != Kind::kSequence) {
    return WrongKind(list, path,
                     absl::StrCat("a list: [", IsScalar(field) ? "a, b" : "...",
                                  "], or lines that begin with -"));
  }
  for (size_t i = 0; i < list.children.size(); ++i) {
    const YamlNode& item = *list.children[i];
    const std::string here = absl::StrCat(path, "[", i, "]");
    positions_->Add(here, item.at);
    absl::Status status =
        IsScalar(field) ? BindScalar(item, here, field, message)
                        : BindMessage(item, here,
                                      message->GetReflection()->AddMessage(
                                          message, &field));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Names to values; both are scalars in this schema.
absl::Status Binder::BindMap(const YamlNode& map, const std::string& path,
                             const FieldDescriptor& field, Message* message) {
  if (map.kind != Kind::kMap) {
    // Not shown: an environment may hold secrets.
    return Refuse(map, path, "not a map", "write lines such as NAME: value");
  }
  const FieldDescriptor& key_field = *field.message_type()->map_key();
  const FieldDescriptor& value_field = *field.message_type()->map_value();
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i + 1 < map.children.size(); i += 2) {
    const YamlNode& key = *map.children[i];
    const YamlNode& value = *map.children[i + 1];
    if (key.kind != Kind::kScalar) return WrongKind(key, path, "a name");
    const std::string here = JoinPath(path, absl::CHexEscape(key.text));
    if (!seen.insert(key.text).second) return GivenTwice(key, here);
    positions_->Add(here, value.at);
    Message* entry = message->GetReflection()->AddMessage(message, &field);
    absl::Status status = BindScalar(key, here, key_field, entry);
    if (status.ok()) status = BindScalar(value, here, value_field, entry);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Binder::BindScalar(const YamlNode& node, const std::string& path,
                                const FieldDescriptor& field,
                                Message* message) {
  if (node.kind == Kind::kNull) {
    return Refuse(node, path, "null does not fit",
                  "write \"\" for an empty value");
  }
  if (node.kind != Kind::kScalar) return WrongKind(node, path, Wanted(field));
  std::optional<Problem> problem = SetScalar(node, field, message);
  if (!problem) return absl::OkStatus();
  return Refuse(node, path, problem->found, problem->remedy);
}

const FieldDescriptor* Binder::FindField(const Descriptor& type,
                                         const std::string& name) const {
  const FieldDescriptor* field = type.FindFieldByName(name);
  if (field == nullptr && camel_case_) {
    field = type.FindFieldByCamelcaseName(name);
  }
  return field;
}

absl::Status Binder::UnknownField(const YamlNode& key, const std::string& path,
                                  const Descriptor& type) const {
  if (key.kind != Kind::kScalar) return WrongKind(key, path, "a field name");
  if (key.text == "<<") {
    return Refuse(key, JoinPath(path, "<<"), "merge keys are not supported",
                  "name the whole value with an alias: timeouts: *slow");
  }
  std::string name = absl::CHexEscape(key.text.substr(0, 60));
  return Refuse(key, JoinPath(path, name), "no such field",
                UnknownFieldRemedy(type, key.text));
}

}  // namespace

absl::Status Bind(const YamlNode& root, bool camel_case,
                  absl::string_view source, Message* message,
                  Positions* positions) {
  return Binder(camel_case, source, positions).BindMessage(root, "", message);
}

}  // namespace drover::config
