#include "supervisor/config/field_names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace drover::config {
namespace {

// Longer names are not compared; none of the schema is as long.
constexpr size_t kComparedMax = 64;

// How many letters to insert, delete, replace, or swap with their neighbour.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1,
                                        std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

// "EXIT_ACTION_" of enum ExitAction.
std::string ValuePrefix(const google::protobuf::EnumDescriptor& type) {
  return std::string(absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED"));
}

}  // namespace

std::string JoinPath(absl::string_view path, absl::string_view name) {
  return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
}

std::string ShortForm(const google::protobuf::EnumValueDescriptor& value) {
  return absl::AsciiStrToLower(
      absl::StripPrefix(value.name(), ValuePrefix(*value.type())));
}

const google::protobuf::EnumValueDescriptor* FindEnumValue(
    const google::protobuf::EnumDescriptor& type, absl::string_view name) {
  for (int i = 1; i < type.value_count(); ++i) {
    const google::protobuf::EnumValueDescriptor& value = *type.value(i);
    if (name == value.name() || name == ShortForm(value)) return &value;
  }
  return nullptr;
}

std::string EnumChoices(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> choices;
  for (int i = 1; i < type.value_count(); ++i) {
    choices.push_back(ShortForm(*type.value(i)));
  }
  return absl::StrJoin(choices, ", ");
}

std::string UnknownFieldRemedy(const google::protobuf::Descriptor& type,
                               absl::string_view name) {
  std::vector<absl::string_view> known;
  absl::string_view nearest;
  size_t least = name.size() / 3 + 1;
  for (int i = 0; i < type.field_count(); ++i) {
    known.push_back(type.field(i)->name());
    if (name.size() > kComparedMax) continue;
    size_t distance = Distance(name, known.back());
    if (distance <= least && (nearest.empty() || distance < least)) {
      least = distance;
      nearest = known.back();
    }
  }
  if (!nearest.empty()) return absl::StrCat("did you mean ", nearest, "?");
  return absl::StrCat("known are ", absl::StrJoin(known, ", "));
}

}  // namespace drover::config
