// The state, written out and read back: nobody can tell the difference.
#include <csignal>
#include <string>

#include "drover/state/v1/state.pb.h"
#include "gtest/gtest.h"
#include "supervisor/core/testing/harness.h"

namespace drover::core {
namespace {

state::v1::Core Written(const Supervisor& core) {
  state::v1::Core state;
  core.Write(&state);
  return state;
}

// Of a map's order nothing is promised: compared as text, which sorts.
std::string Text(const state::v1::Core& state) { return state.DebugString(); }

class StateTest : public testing::Test {
 protected:
  // Writes, reads and writes again.
  void ExpectSameAgain() {
    const state::v1::Core first = Written(world_.core());
    auto read = Supervisor::Read(first, {});
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(Text(Written(**read)), Text(first));
    EXPECT_EQ((*read)->NextDeadline(), world_.core().NextDeadline());
  }

  void ExpectRefused(const state::v1::Core& state, const std::string& word) {
    auto read = Supervisor::Read(state, {});
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(read.status().message()).find(word),
              std::string::npos)
        << read.status();
  }

  Harness world_;
};

TEST_F(StateTest, NothingIsLostWhileAReloadBakes) {
  config::v1::Pool spec = TestSpec("web", 3);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  spec.mutable_heartbeat()->mutable_interval()->set_seconds(1);
  world_.Start({spec, TestSpec("api", 2)});
  ASSERT_TRUE(world_.Submit(Reload{"web"}).ok());
  ASSERT_TRUE(world_.Submit(Scale{"web", 4}).ok());
  world_.Die(world_.Incumbent("api", 1), SIGKILL, 0);
  world_.Pass(absl::Milliseconds(50));
  ExpectSameAgain();
}

TEST_F(StateTest, NothingIsLostInAnOrderlyShutdown) {
  config::v1::Pool web = TestSpec("web", 2);
  web.add_after("db");
  world_.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.stops = false;
    return behaviour;
  };
  world_.Start({TestSpec("db", 1), web});
  ASSERT_TRUE(world_.Submit(Shutdown{}).ok());
  ExpectSameAgain();
}

TEST_F(StateTest, AnUpdateOfTheTimesOfFormerGenerationsIsKept) {
  config::v1::Pool spec = TestSpec("web", 2);
  world_.Start({spec});
  // A reload that fails, and whose way back fails too: web/0 stays in the new
  // generation.
  world_.behave = [](const Identity& worker) {
    Behaviour behaviour;
    behaviour.fails_to_start = worker.slot == 1 || worker.generation == 1;
    return behaviour;
  };
  ASSERT_TRUE(world_.Submit(Reload{"web"}).ok());
  world_.Pass(absl::Minutes(1));
  ASSERT_NE(world_.core().FindWorker("web", 0)->id.generation,
            world_.core().FindPool("web")->generation);
  spec.mutable_timeouts()->mutable_stop()->set_seconds(7);
  ASSERT_TRUE(
      world_.Submit(Apply{.changes = {{PoolChangeKind::kUpdate, spec}}}).ok());
  ExpectSameAgain();
}

TEST_F(StateTest, WhatMakesNoSenseIsRefused) {
  world_.Start({TestSpec("web", 2)});
  const state::v1::Core good = Written(world_.core());
  state::v1::Core bad = good;
  bad.mutable_workers(0)->set_state(99);
  ExpectRefused(bad, "worker.state");
  bad = good;
  bad.mutable_workers()->RemoveLast();
  ExpectRefused(bad, "slot without its worker");
  bad = good;
  bad.mutable_workers(0)->mutable_id()->set_generation(9);
  ExpectRefused(bad, "worker that is in no slot");
  bad = good;
  bad.mutable_pools(0)->set_generation(5);
  ExpectRefused(bad, "pool.generation");
  bad = good;
  bad.mutable_pools(0)->mutable_slots(0)->set_vacancy(77);
  ExpectRefused(bad, "slot.vacancy");
  bad = good;
  *bad.add_pools() = good.pools(0);
  ExpectRefused(bad, "given twice");
  bad = good;
  bad.mutable_pools(0)->mutable_run()->set_operation(99);
  ExpectRefused(bad, "pool.run.operation");
}

}  // namespace
}  // namespace drover::core
