// The record of a run as JSON, both ways.
#ifndef CONFORMANCE_RECORD_JSON_H_
#define CONFORMANCE_RECORD_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/conformance/record.pb.h"

namespace drover::conformance {

std::string ToJson(const record::Run& run);

// InvalidArgument: not such a record, with the place.
absl::StatusOr<record::Run> FromJson(absl::string_view text);

}  // namespace drover::conformance

#endif  // CONFORMANCE_RECORD_JSON_H_
