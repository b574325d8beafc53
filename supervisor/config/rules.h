// The defaults and ranges of proto/drover/config/v1/config.proto as data: one
// table that normalizing and validating share, and that a test compares with
// the comments of the schema.
#ifndef SUPERVISOR_CONFIG_RULES_H_
#define SUPERVISOR_CONFIG_RULES_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"

namespace drover::config {

inline constexpr int kPoolsMax = 64;
inline constexpr int kListenersMax = 64;
inline constexpr int kWorkersMax = 4096;

// A field of numbers.
struct NumberRule {
  // "Pool.count": message and field in the schema's package.
  absl::string_view field;
  double standard;
  double min;
  double max;
  // 0 is allowed though below min.
  bool or_zero = false;
};

// A field of durations.
struct DurationRule {
  absl::string_view field;
  absl::Duration standard;
  absl::Duration min;
  absl::Duration max;
  bool or_zero = false;
};

// nullptr: the field has none.
const NumberRule* NumberRuleOf(const google::protobuf::FieldDescriptor& field);
const DurationRule* DurationRuleOf(
    const google::protobuf::FieldDescriptor& field);

// As a rule names the field.
absl::string_view ShortName(const google::protobuf::FieldDescriptor& field);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_RULES_H_
