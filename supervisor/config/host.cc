#include "supervisor/config/host.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "supervisor/config/processors.h"

namespace drover::config {
namespace {

// A record of the user or group data base with all its strings. Groups of many
// members are long; more than this is not waited for.
constexpr size_t kRecordFirst = 4096;
constexpr size_t kRecordMax = 4 << 20;

// Calls `look_up(buffer)` with more room as long as it says ERANGE.
template <typename LookUp>
int WithRoom(LookUp look_up) {
  for (size_t size = kRecordFirst; size <= kRecordMax; size *= 4) {
    std::vector<char> buffer(size);
    int error = look_up(buffer);
    if (error != ERANGE) return error;
  }
  return ERANGE;
}

class SystemAccounts final : public Accounts {
 public:
  bool HasUser(const std::string& name) const override {
    passwd record;
    passwd* found = nullptr;
    WithRoom([&](std::vector<char>& buffer) {
      return ::getpwnam_r(name.c_str(), &record, buffer.data(), buffer.size(),
                          &found);
    });
    return found != nullptr;
  }

  bool HasGroup(const std::string& name) const override {
    group record;
    group* found = nullptr;
    WithRoom([&](std::vector<char>& buffer) {
      return ::getgrnam_r(name.c_str(), &record, buffer.data(), buffer.size(),
                          &found);
    });
    return found != nullptr;
  }
};

std::string OwnUser() {
  std::string name = absl::StrCat(::geteuid());
  WithRoom([&](std::vector<char>& buffer) {
    passwd record;
    passwd* found = nullptr;
    int error = ::getpwuid_r(::geteuid(), &record, buffer.data(), buffer.size(),
                             &found);
    if (found != nullptr) name = found->pw_name;
    return error;
  });
  return name;
}

std::string RuntimeDirectory() {
  const char* set = ::getenv("XDG_RUNTIME_DIR");
  return set != nullptr && set[0] == '/' ? set : "";
}

std::string WorkingDirectory() {
  std::error_code error;
  std::filesystem::path path = std::filesystem::current_path(error);
  return error ? "/" : path.string();
}

}  // namespace

Host ThisHost() {
  static const SystemAccounts accounts;
  return {.root = ::geteuid() == 0,
          .user = OwnUser(),
          .working_directory = WorkingDirectory(),
          .runtime_directory = RuntimeDirectory(),
          .processors = UsableProcessors(),
          .accounts = &accounts};
}

}  // namespace drover::config
