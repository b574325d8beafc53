#include "supervisor/admin/peer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>

#include "drover/admin/v1/admin.pb.h"

namespace drover::admin {
namespace {

// The verbs that promise a caller that nothing changes.
bool SoundsLikeARead(absl::string_view method) {
  for (absl::string_view verb : {"Get", "List", "Watch", "Plan", "Tail"}) {
    if (method.substr(0, verb.size()) == verb) return true;
  }
  return false;
}

TEST(PeerTest, EveryMethodHasTheRoleThatItsNamePromises) {
  const auto* service =
      v1::GetSupervisorRequest::descriptor()->file()->FindServiceByName(
          "AdminService");
  ASSERT_NE(service, nullptr);
  int reads = 0;
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string& name = service->method(i)->name();
    EXPECT_EQ(IsRead(name), SoundsLikeARead(name)) << name;
    reads += IsRead(name) ? 1 : 0;
  }
  EXPECT_EQ(reads, 11);
  EXPECT_EQ(service->method_count(), 20);
}

TEST(PeerTest, WhatIsNotKnownIsNoRead) {
  for (absl::string_view name : {"", "getpool", "GetPool.Shutdown", "Peek"}) {
    EXPECT_FALSE(IsRead(name)) << name;
  }
}

TEST(PeerTest, RolesAreByUser) {
  control::v1::Setup setup;
  setup.add_roles()->set_uid(5);
  setup.add_roles()->set_uid(6);
  setup.mutable_roles(1)->set_operate(true);
  Roles roles(setup);
  EXPECT_FALSE(roles.MayConnect(0));
  EXPECT_TRUE(roles.MayConnect(5));
  EXPECT_TRUE(roles.MayCall(5, "ListPools"));
  EXPECT_FALSE(roles.MayCall(5, "Shutdown"));
  EXPECT_TRUE(roles.MayCall(6, "Shutdown"));
  EXPECT_FALSE(roles.MayCall(0, "ListPools"));
}

TEST(PeerTest, TheKernelNamesThePeer) {
  std::array<int, 2> pair;
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  auto caller = PeerOf(pair[0]);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(caller->uid(), ::getuid());
  EXPECT_EQ(caller->pid(), ::getpid());
  ::close(pair[0]);
  ::close(pair[1]);
  EXPECT_FALSE(PeerOf(-1).ok());
}

}  // namespace
}  // namespace drover::admin
