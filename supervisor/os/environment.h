// The environment of a worker. Pure.
#ifndef SUPERVISOR_OS_ENVIRONMENT_H_
#define SUPERVISOR_OS_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/core/ids.h"

namespace drover::os {

// Sorted by name, so that two generations can be compared.
using Environment = std::map<std::string, std::string, std::less<>>;

// This process's own.
Environment OwnEnvironment();

// Speaks to the process that it was set for and to nobody else: what Drover and
// systemd say to a process they started.
bool IsReserved(absl::string_view name);

// Reads NAME=VALUE lines. Empty lines and lines that begin with '#' mean
// nothing; white space around name and value, and one pair of quotes around
// the value, are dropped; nothing is replaced. InvalidArgument names the line.
absl::StatusOr<Environment> ParseEnvironmentFile(absl::string_view text);

// A generation's environment: what is equal for all its workers is made once.
class EnvironmentTemplate {
 public:
  // `configured` wins over `fixed`, and `reserved` over both. Its values may
  // refer to the worker (config.proto, Pool, environment).
  EnvironmentTemplate(Environment fixed, const Environment& configured,
                      const Environment& reserved);

  // Written down whole, and made of what was.
  void Write(state::v1::LaunchPlan* to) const;
  explicit EnvironmentTemplate(const state::v1::LaunchPlan& from);

  // One worker's.
  class Instance {
   public:
    // Ends with a null pointer; valid while the instance and the template live.
    const char* const* pointers() const { return pointers_.data(); }

   private:
    friend class EnvironmentTemplate;
    std::vector<std::string> own_;
    std::vector<const char*> pointers_;
  };

  // InvalidArgument: a value cannot be substituted.
  absl::StatusOr<Instance> For(const core::Identity& worker) const;

 private:
  // "NAME=VALUE"
  std::vector<std::string> fixed_;
  // Name and the value as configured.
  std::vector<std::pair<std::string, std::string>> variable_;
};

}  // namespace drover::os

#endif  // SUPERVISOR_OS_ENVIRONMENT_H_
