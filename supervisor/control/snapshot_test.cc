// Lists and snapshots of much: every message fits into a frame.
#include "supervisor/control/snapshot.h"

#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
#include "supervisor/control/answers.h"
#include "supervisor/control/limits.h"
#include "supervisor/control/testing/stage.h"

namespace drover::control {
namespace {

// A pool whose spec alone is 100 kB.
config::v1::Pool LargeSpec(const std::string& name) {
  config::v1::Pool spec = core::TestSpec(name, 1);
  for (int i = 0; i < 100; ++i) spec.add_command(std::string(1000, 'x'));
  return spec;
}

// Everything that the parts hold, as one; each is checked on the way.
admin::v1::Snapshot Join(const std::deque<std::string>& parts) {
  admin::v1::Snapshot whole;
  for (const std::string& part : parts) {
    EXPECT_LT(part.size(), kResponseBytesMax);
    admin::v1::WatchEventsResponse response;
    EXPECT_TRUE(response.ParseFromString(part));
    EXPECT_EQ(response.snapshot().token(), "token");
    EXPECT_EQ(response.snapshot().more(), &part != &parts.back());
    whole.MergeFrom(response.snapshot());
  }
  return whole;
}

TEST_F(Stage, AnEmptySupervisorHasASnapshot) {
  auto parts = SnapshotParts(backend_, "", "token");
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(Join(parts).supervisor().version(), "1.2.3");
}

// Every slot with the longest output that a last exit can have.
TEST_F(Stage, ASnapshotOfManyFailedWorkersIsInParts) {
  constexpr uint32_t kWorkers = 40;
  config::v1::Pool spec = core::TestSpec("web", kWorkers);
  spec.mutable_restart()->set_max_restarts(100'000);
  world_.Start({spec});
  for (uint32_t slot = 0; slot < kWorkers; ++slot) {
    core::Exited exited;
    exited.incarnation = world_.Incumbent("web", slot);
    exited.signal = SIGSEGV;
    exited.last_output.assign(20, std::string(8192, '\x1b'));
    world_.Fact(exited);
  }
  auto parts = SnapshotParts(backend_, "", "token", 10'000);
  EXPECT_GE(parts.size(), 4u);
  for (const std::string& part : parts) EXPECT_LT(part.size(), 10'500u);
  admin::v1::Snapshot whole = Join(parts);
  ASSERT_EQ(whole.workers_size(), static_cast<int>(kWorkers));
  EXPECT_EQ(whole.workers(kWorkers - 1).last_exit().last_output_size(), 5);
  admin::v1::GetWorkerRequest one;
  one.set_pool("web");
  auto worker = Ask<admin::v1::Worker>("GetWorker", one);
  EXPECT_EQ(worker.last_exit().last_output_size(), 20);
}

TEST_F(Stage, PoolsWithLargeSpecsAreListedWithoutThem) {
  std::vector<config::v1::Pool> specs;
  for (int i = 0; i < 30; ++i) specs.push_back(LargeSpec(absl::StrCat("p", i)));
  world_.Start(specs);
  auto list = Ask<admin::v1::ListPoolsResponse>("ListPools",
                                                admin::v1::ListPoolsRequest());
  ASSERT_EQ(list.pools_size(), 30);
  EXPECT_TRUE(list.pools(0).has_spec());
  EXPECT_FALSE(list.pools(29).has_spec());
  EXPECT_EQ(list.pools(29).ready(), 1u);
  admin::v1::GetPoolRequest one;
  one.set_pool("p29");
  EXPECT_TRUE(Ask<admin::v1::Pool>("GetPool", one).has_spec());
  EXPECT_EQ(Join(SnapshotParts(backend_, "", "token")).pools_size(), 30);
}

}  // namespace
}  // namespace drover::control
