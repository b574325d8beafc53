// Users and groups by name or number.
#ifndef SUPERVISOR_OS_CREDENTIALS_H_
#define SUPERVISOR_OS_CREDENTIALS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::os {

// Whom a process runs as.
struct Credentials {
  uid_t uid = 0;
  gid_t gid = 0;
  // Supplementary groups, `gid` among them.
  std::vector<gid_t> groups;
  // From the user database; empty where it does not know the number.
  std::string user_name;
  std::string home;
};

// `user` and `group` are names or numbers; either may be empty. An empty user
// is the supervisor's own, an empty group is the user's primary one. nullopt if
// both are empty, or say what the supervisor already is without being root:
// nothing needs changing then. NotFound: there is no such user or group.
absl::StatusOr<std::optional<Credentials>> ResolveCredentials(
    absl::string_view user, absl::string_view group);

}  // namespace drover::os

#endif  // SUPERVISOR_OS_CREDENTIALS_H_
