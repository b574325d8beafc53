#include "supervisor/config/textproto.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "supervisor/config/field_names.h"
#include "supervisor/config/problem.h"

namespace drover::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

constexpr int kDepthMax = 16;

// The text between two others, as far as `text` has that shape.
std::optional<absl::string_view> Between(absl::string_view* text,
                                         absl::string_view before,
                                         absl::string_view after) {
  if (!absl::ConsumePrefix(text, before)) return std::nullopt;
  size_t end = text->find(after);
  if (end == absl::string_view::npos) return std::nullopt;
  absl::string_view found = text->substr(0, end);
  text->remove_prefix(end);
  return found;
}

// protobuf says: Message type "T" has no field named "X". The nearest name is
// ours to find.
std::optional<Problem> UnknownField(absl::string_view message) {
  auto type_name = Between(&message, "Message type \"", "\"");
  if (!type_name) return std::nullopt;
  auto field = Between(&message, "\" has no field named \"", "\"");
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          std::string(*type_name));
  if (!field || type == nullptr) return std::nullopt;
  return Problem{.field = std::string(*field),
                 .found = "no such field",
                 .remedy = UnknownFieldRemedy(*type, *field)};
}

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (problem_) return;
    // Line -1: of the message as a whole.
    at_ = line < 0 ? Position{} : Position{line + 1, column + 1};
    problem_ = UnknownField(message).value_or(
        Problem{.found = std::string(absl::StripSuffix(message, ".")),
                .remedy = "mend the text here"});
  }

  absl::Status ToStatus(absl::string_view source) const {
    return config::ToStatus(
        problem_.value_or(Problem{.found = "not a textproto"}), source, at_);
  }

 private:
  Position at_;
  std::optional<Problem> problem_;
};

// What protobuf noted while it parsed, under the names of our paths.
class PlaceReader {
 public:
  explicit PlaceReader(Positions* positions) : positions_(positions) {}

  void Read(const Message& message, TextFormat::ParseInfoTree* info,
            const std::string& path) {
    const auto& type = *message.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      ReadField(message, *type.field(i), info, path);
    }
  }

 private:
  void ReadField(const Message& message, const FieldDescriptor& field,
                 TextFormat::ParseInfoTree* info, const std::string& path) {
    const std::string name = JoinPath(path, field.name());
    if (!field.is_repeated()) {
      Note(name, info->GetLocation(&field, -1));
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return;
      auto* inner = info->GetTreeForNested(&field, -1);
      if (inner == nullptr) return;
      Read(message.GetReflection()->GetMessage(message, &field), inner, name);
      return;
    }
    Note(name, info->GetLocation(&field, 0));
    // The order of a map's entries is not that of the text.
    if (field.is_map()) return;
    int size = message.GetReflection()->FieldSize(message, &field);
    for (int item = 0; item < size; ++item) {
      const std::string here = absl::StrCat(name, "[", item, "]");
      Note(here, info->GetLocation(&field, item));
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      auto* inner = info->GetTreeForNested(&field, item);
      if (inner == nullptr) continue;
      Read(message.GetReflection()->GetRepeatedMessage(message, &field, item),
           inner, here);
    }
  }

  void Note(std::string path, TextFormat::ParseLocation location) {
    if (location.line < 0) return;
    positions_->Add(std::move(path), {location.line + 1, location.column + 1});
  }

  Positions* const positions_;
};

}  // namespace

absl::Status ReadTextproto(absl::string_view text, absl::string_view source,
                           Message* message, Positions* positions) {
  FirstError error;
  TextFormat::ParseInfoTree places;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&places);
  parser.SetRecursionLimit(kDepthMax);
  google::protobuf::io::ArrayInputStream stream(text.data(),
                                                static_cast<int>(text.size()));
  if (!parser.Parse(&stream, message)) return error.ToStatus(source);
  PlaceReader(positions).Read(*message, &places, "");
  return absl::OkStatus();
}

}  // namespace drover::config
