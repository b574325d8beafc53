#include "conformance/record/json.h"

#include <google/protobuf/util/json_util.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace drover::conformance {

std::string ToJson(const record::Run& run) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string text;
  auto status =
      google::protobuf::util::MessageToJsonString(run, &text, options);
  // Fails for kinds of messages that a Run does not hold.
  return status.ok() ? text : status.ToString();
}

absl::StatusOr<record::Run> FromJson(absl::string_view text) {
  google::protobuf::util::JsonParseOptions options;
  // Of a later suite.
  options.ignore_unknown_fields = true;
  record::Run run;
  auto status = google::protobuf::util::JsonStringToMessage(
      {text.data(), text.size()}, &run, options);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("not the record of a run: ", status.ToString()));
  }
  return run;
}

}  // namespace drover::conformance
