#include "supervisor/config/diff.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/config/load.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/testing.h"

namespace drover::config {
namespace {

using admin::v1::PoolChange;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kRunning[] = R"(
pools:
- name: web
  command: [./worker, --fast]
  count: 4
  listeners:
  - {name: http, address: "tcp://127.0.0.1:80"}
  - {name: admin, address: "tcp://127.0.0.1:81"}
  environment: {TOKEN: secret, KEEP: same}
)";

v1::Config Prepared(absl::string_view text) {
  auto config = LoadText(text, Format::kYaml, "f", "/srv", FakeHost());
  EXPECT_TRUE(config.ok()) << config.status();
  if (!config.ok()) return {};
  auto prepared = Prepare(*std::move(config), FakeHost());
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? *std::move(prepared) : v1::Config();
}

class DiffTest : public testing::Test {
 protected:
  // The change of the one pool.
  PoolChange Change() {
    admin::v1::Plan plan = Diff(running_, desired_);
    EXPECT_EQ(plan.changes_size(), 1);
    EXPECT_THAT(plan.needs_restart(), IsEmpty());
    return plan.changes(0);
  }

  v1::Pool* web() { return desired_.mutable_pools(0); }

  const v1::Config running_ = Prepared(kRunning);
  v1::Config desired_ = running_;
};

TEST_F(DiffTest, SameIsUnchanged) {
  PoolChange change = Change();
  EXPECT_EQ(change.pool(), "web");
  EXPECT_EQ(change.kind(), admin::v1::CHANGE_KIND_UNCHANGED);
  EXPECT_THAT(change.fields(), IsEmpty());
}

TEST_F(DiffTest, OrderOfListenersMeansNothing) {
  web()->mutable_listeners()->SwapElements(0, 1);
  EXPECT_EQ(Change().kind(), admin::v1::CHANGE_KIND_UNCHANGED);
}

TEST_F(DiffTest, CountScales) {
  web()->set_count(8);
  PoolChange change = Change();
  EXPECT_EQ(change.kind(), admin::v1::CHANGE_KIND_SCALE);
  EXPECT_THAT(change.fields(), ElementsAre("count: 4 -> 8"));
}

TEST_F(DiffTest, WhatTheSupervisorKeepsToItselfIsUpdatedInPlace) {
  web()->mutable_timeouts()->mutable_stop()->set_seconds(90);
  web()->mutable_heartbeat()->mutable_interval()->Clear();
  web()->mutable_restart()->set_on_normal_exit(v1::EXIT_ACTION_LEAVE);
  web()->mutable_restart()->mutable_backoff()->set_factor(1.5);
  web()->mutable_reload()->set_max_surge("2");
  web()->mutable_output()->set_forward(false);
  web()->mutable_output()->set_file("/log");
  PoolChange change = Change();
  EXPECT_EQ(change.kind(), admin::v1::CHANGE_KIND_UPDATE);
  EXPECT_THAT(change.fields(),
              ElementsAre("timeouts.stop: 30s -> 1m30s",
                          "heartbeat.interval: 10s -> 0s",
                          "restart.on_normal_exit: restart -> leave",
                          "restart.backoff.factor: 2 -> 1.5",
                          "reload.max_surge: \"1\" -> \"2\"",
                          "output.forward: true -> false",
                          "output.file: unset -> \"/log\""));
}

TEST_F(DiffTest, CountAndUpdateIsAScaleThatNamesBoth) {
  web()->set_count(2);
  web()->mutable_timeouts()->mutable_stop()->set_seconds(1);
  PoolChange change = Change();
  EXPECT_EQ(change.kind(), admin::v1::CHANGE_KIND_SCALE);
  EXPECT_THAT(change.fields(),
              ElementsAre("count: 4 -> 2", "timeouts.stop: 30s -> 1s"));
}

TEST_F(DiffTest, WhatAProcessStartsWithReloads) {
  web()->set_count(5);
  web()->set_command(1, "--slow");
  web()->mutable_limits()->set_open_files(64);
  PoolChange change = Change();
  EXPECT_EQ(change.kind(), admin::v1::CHANGE_KIND_RELOAD);
  EXPECT_THAT(
      change.fields(),
      ElementsAre(
          R"(command: ["./worker", "--fast"] -> ["./worker", "--slow"])",
          "count: 4 -> 5", "limits.open_files: unset -> 64"));
}

TEST_F(DiffTest, ALimitOfZeroIsNotNoLimit) {
  web()->mutable_limits()->set_core_size(0);
  EXPECT_THAT(Change().fields(), ElementsAre("limits.core_size: unset -> 0"));
}

TEST_F(DiffTest, ListenersAreMatchedByName) {
  web()->mutable_listeners(0)->set_address("tcp://127.0.0.1:8080");
  web()->mutable_listeners(1)->set_name("metrics");
  PoolChange change = Change();
  EXPECT_EQ(change.kind(), admin::v1::CHANGE_KIND_RELOAD);
  EXPECT_THAT(change.fields(),
              ElementsAre("listeners[admin]: removed",
                          "listeners[http].address: \"tcp://127.0.0.1:80\" -> "
                          "\"tcp://127.0.0.1:8080\"",
                          "listeners[metrics]: added"));
}

TEST_F(DiffTest, EnvironmentValuesAreNotShown) {
  auto& environment = *web()->mutable_environment();
  environment["TOKEN"] = "another secret";
  environment["NEW"] = "hidden";
  environment.erase("KEEP");
  PoolChange change = Change();
  EXPECT_EQ(change.kind(), admin::v1::CHANGE_KIND_RELOAD);
  EXPECT_THAT(change.fields(),
              ElementsAre("environment.KEEP: removed", "environment.NEW: added",
                          "environment.TOKEN: changed"));
}

TEST_F(DiffTest, ADifferenceBeyondWhatIsShownCounts) {
  const std::string long_path(100, 'x');
  v1::Config former = desired_;
  former.mutable_pools(0)->set_directory("/" + long_path + "a");
  web()->set_directory("/" + long_path + "b");
  EXPECT_EQ(Diff(former, desired_).changes(0).kind(),
            admin::v1::CHANGE_KIND_RELOAD);
}

// A field of the schema that has no class of its own reloads; each is listed
// here so that a new one is thought about.
TEST_F(DiffTest, EveryFieldOfAPoolHasItsClass) {
  std::vector<std::string> in_place;
  std::vector<std::string> reloading;
  const google::protobuf::Descriptor& type = *v1::Pool::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.name() == "name" || field.name() == "count") continue;
    v1::Config changed = running_;
    changed.mutable_pools(0)->GetReflection()->ClearField(
        changed.mutable_pools(0), &field);
    v1::Config other = running_;
    if (field.name() == "limits") {
      other.mutable_pools(0)->mutable_limits()->set_stack(1);
    } else if (field.name() == "after") {
      other.mutable_pools(0)->add_after("db");
    } else if (field.cpp_type() ==
               google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      if (!field.is_repeated()) {
        other.mutable_pools(0)->GetReflection()->SetString(
            other.mutable_pools(0), &field, "other");
      }
    }
    auto kind = Diff(changed, other).changes(0).kind();
    ASSERT_NE(kind, admin::v1::CHANGE_KIND_UNCHANGED) << field.name();
    (kind == admin::v1::CHANGE_KIND_UPDATE ? in_place : reloading)
        .push_back(field.name());
  }
  EXPECT_THAT(in_place,
              ElementsAre("auto_count", "after", "essential", "timeouts",
                          "heartbeat", "restart", "reload", "output"));
  EXPECT_THAT(reloading,
              ElementsAre("command", "listeners", "directory", "environment",
                          "environment_file", "inherit_environment", "user",
                          "group", "umask", "limits", "control_fd"));
}

TEST(DiffPoolsTest, PoolsComeAndGo) {
  v1::Config running = Prepared(
      "pools: [{name: old, command: [w]}, {name: kept, command: [w]}]");
  v1::Config desired = Prepared(
      "pools: [{name: kept, command: [w]}, {name: new, command: [w]}]");
  admin::v1::Plan plan = Diff(running, desired);
  ASSERT_EQ(plan.changes_size(), 3);
  EXPECT_EQ(plan.changes(0).pool(), "kept");
  EXPECT_EQ(plan.changes(0).kind(), admin::v1::CHANGE_KIND_UNCHANGED);
  EXPECT_EQ(plan.changes(1).pool(), "new");
  EXPECT_EQ(plan.changes(1).kind(), admin::v1::CHANGE_KIND_ADD);
  EXPECT_EQ(plan.changes(2).pool(), "old");
  EXPECT_EQ(plan.changes(2).kind(), admin::v1::CHANGE_KIND_REMOVE);
}

TEST(DiffPoolsTest, SettingsOfTheSupervisorNeedItsRestart) {
  v1::Config running = Prepared("pools: [{name: a, command: [w]}]");
  v1::Config desired = running;
  desired.mutable_supervisor()->set_max_parallel_starts(8);
  desired.mutable_supervisor()->mutable_admin()->add_allow_users("ada");
  EXPECT_THAT(Diff(running, desired).needs_restart(),
              ElementsAre("supervisor.admin.allow_users: [] -> [\"ada\"]",
                          "supervisor.max_parallel_starts: 64 -> 8"));
}

}  // namespace
}  // namespace drover::config
