// Whether a configuration may run. Pure, apart from the accounts it is given.
#ifndef SUPERVISOR_CONFIG_VALIDATE_H_
#define SUPERVISOR_CONFIG_VALIDATE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/config/host.h"

namespace drover::config {

// Holds a normalized configuration to every range and rule of the schema. It
// may come from anyone: no value is trusted. The first thing wrong, in the
// order of the schema, is the answer: InvalidArgument, made of a Problem.
absl::Status Validate(const v1::Config& config, const Accounts& accounts);

// The name of a pool: [a-z][a-z0-9-]{0,62}.
bool IsPoolName(absl::string_view name);

// Permission bits, "0600": up to four octal digits.
bool IsMode(absl::string_view text);

}  // namespace drover::config

#endif  // SUPERVISOR_CONFIG_VALIDATE_H_
