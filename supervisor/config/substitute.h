// References in environment values and file names: ${pool}, ${slot},
// ${slot+N}, ${generation}; $$ is a dollar sign.
#ifndef SUPERVISOR_CONFIG_SUBSTITUTE_H_
#define SUPERVISOR_CONFIG_SUBSTITUTE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// What references stand for.
struct References {
  absl::string_view pool;
  uint32_t slot = 0;
  // nullopt where ${generation} is not allowed.
  std::optional<uint64_t> generation;
};

// The text with every reference replaced. What N of ${slot+N} may be: up to
// 999999999.
//
// InvalidArgument, made of a Problem without field: an unknown reference, or a
// dollar sign that begins none. A validated configuration has neither.
absl::StatusOr<std::string> Substitute(absl::string_view text,
                                       const References& references);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_SUBSTITUTE_H_
