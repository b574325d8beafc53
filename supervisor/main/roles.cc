#include "supervisor/main/roles.h"

#include <unistd.h>

#include <map>

#include "supervisor/os/credentials.h"

namespace drover {
namespace {

absl::StatusOr<uint32_t> UidOf(const std::string& user) {
  auto credentials = os::ResolveCredentials(user, "");
  if (!credentials.ok()) return credentials.status();
  // nullopt: the supervisor's own user.
  return *credentials ? (*credentials)->uid : ::getuid();
}

}  // namespace

absl::StatusOr<std::vector<control::v1::Role>> RolesOf(
    const config::v1::Admin& admin) {
  std::map<uint32_t, bool> operates;
  for (const std::string& user : admin.observe_users()) {
    auto uid = UidOf(user);
    if (!uid.ok()) return uid.status();
    operates.emplace(*uid, false);
  }
  for (const std::string& user : admin.allow_users()) {
    auto uid = UidOf(user);
    if (!uid.ok()) return uid.status();
    operates[*uid] = true;
  }
  operates[0] = true;
  operates[::getuid()] = true;
  std::vector<control::v1::Role> roles;
  for (const auto& [uid, operate] : operates) {
    roles.emplace_back();
    roles.back().set_uid(uid);
    roles.back().set_operate(operate);
  }
  return roles;
}

}  // namespace drover
