// The accounts of the machine that this runs on.
#include "supervisor/config/host.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace drover::config {
namespace {

TEST(HostTest, KnowsTheUserThatItRunsAs) {
  const Host host = ThisHost();
  EXPECT_EQ(host.root, ::geteuid() == 0);
  const passwd* self = ::getpwuid(::geteuid());
  EXPECT_EQ(host.user, self != nullptr ? std::string(self->pw_name)
                                       : std::to_string(::geteuid()));
}

TEST(HostTest, FindsTheAccountsThatEverySystemHas) {
  const Accounts& accounts = *ThisHost().accounts;
  EXPECT_TRUE(accounts.HasUser("root"));
  EXPECT_TRUE(accounts.HasGroup("root"));
  EXPECT_TRUE(accounts.HasGroup("daemon"));
}

TEST(HostTest, FindsNoOthers) {
  const Accounts& accounts = *ThisHost().accounts;
  for (const std::string& name :
       {std::string("no-such-account-here"), std::string(), std::string("0"),
        std::string("root:x"), std::string("root\nroot"),
        std::string(100'000, 'x')}) {
    EXPECT_FALSE(accounts.HasUser(name)) << name.substr(0, 80);
    EXPECT_FALSE(accounts.HasGroup(name)) << name.substr(0, 80);
  }
}

TEST(HostTest, ARelativeRuntimeDirectoryIsNone) {
  ::setenv("XDG_RUNTIME_DIR", "run", 1);
  EXPECT_EQ(ThisHost().runtime_directory, "");
  ::setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  EXPECT_EQ(ThisHost().runtime_directory, "/run/user/7");
  ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(ThisHost().runtime_directory, "");
}

TEST(HostTest, StandsWhereTheProcessStands) {
  ASSERT_EQ(::chdir("/proc"), 0);
  EXPECT_EQ(ThisHost().working_directory, "/proc");
}

}  // namespace
}  // namespace drover::config
