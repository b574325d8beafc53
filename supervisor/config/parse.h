// Text to message, without judging values: YAML, JSON and textproto.
#ifndef SUPERVISOR_CONFIG_PARSE_H_
#define SUPERVISOR_CONFIG_PARSE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/config/positions.h"
#include "supervisor/config/problem.h"

namespace drover::config {

inline constexpr size_t kFileSizeMax = 512 * 1024;

// What is wrong with a longer one.
Problem TooLarge();

enum class Format { kYaml, kJson, kTextproto };

struct Parsed {
  v1::Config config;
  Positions positions;
};

// Reads a whole text. Syntax, unknown fields, wrong types, and what no format
// may hold (NUL, not UTF-8, more than kFileSizeMax) are refused with the place:
// InvalidArgument, made of a Problem. `source` names the text in messages.
absl::StatusOr<Parsed> Parse(absl::string_view text, Format format,
                             absl::string_view source);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_PARSE_H_
