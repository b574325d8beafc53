#include "supervisor/os/credentials.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover::os {
namespace {

absl::StatusOr<Credentials> FindUser(absl::string_view user) {
  Credentials found;
  const passwd* entry = nullptr;
  if (absl::SimpleAtoi(user, &found.uid)) {
    entry = ::getpwuid(found.uid);
    // A number needs no entry (containers): its group has the same number.
    found.gid = found.uid;
  } else {
    entry = ::getpwnam(std::string(user).c_str());
    if (entry == nullptr) {
      return absl::NotFoundError(absl::StrCat("no user ", user));
    }
  }
  if (entry != nullptr) {
    found.uid = entry->pw_uid;
    found.gid = entry->pw_gid;
    found.user_name = entry->pw_name;
    found.home = entry->pw_dir;
  }
  return found;
}

absl::StatusOr<gid_t> FindGroup(absl::string_view group) {
  gid_t number = 0;
  if (absl::SimpleAtoi(group, &number)) return number;
  const struct group* entry = ::getgrnam(std::string(group).c_str());
  if (entry == nullptr) {
    return absl::NotFoundError(absl::StrCat("no group ", group));
  }
  return entry->gr_gid;
}

std::vector<gid_t> GroupsOf(const std::string& user_name, gid_t gid) {
  if (user_name.empty()) return {gid};
  int count = 64;
  std::vector<gid_t> groups(static_cast<size_t>(count));
  if (::getgrouplist(user_name.c_str(), gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<size_t>(count));
    if (::getgrouplist(user_name.c_str(), gid, groups.data(), &count) < 0) {
      return {gid};
    }
  }
  groups.resize(static_cast<size_t>(count));
  return groups;
}

}  // namespace

absl::StatusOr<std::optional<Credentials>> ResolveCredentials(
    absl::string_view user, absl::string_view group) {
  if (user.empty() && group.empty()) return std::nullopt;
  absl::StatusOr<Credentials> found =
      user.empty() ? FindUser(absl::StrCat(::geteuid())) : FindUser(user);
  if (!found.ok()) return found.status();
  if (!group.empty()) {
    absl::StatusOr<gid_t> gid = FindGroup(group);
    if (!gid.ok()) return gid.status();
    found->gid = *gid;
  }
  bool already = found->uid == ::geteuid() && found->gid == ::getegid();
  if (already && ::geteuid() != 0) return std::nullopt;
  found->groups = GroupsOf(found->user_name, found->gid);
  return *std::move(found);
}

}  // namespace drover::os
