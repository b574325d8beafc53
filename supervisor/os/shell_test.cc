// The real core in the real world: whole lives of small pools.
#include "supervisor/os/shell.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/core/testing/harness.h"
#include "supervisor/os/testing/data.h"
#include "supervisor/os/testing/loop.h"
#include "supervisor/os/testing/temp_dir.h"

namespace drover::os {
namespace {

using ::testing::HasSubstr;

config::v1::Pool Spec(const std::string& name, uint32_t count,
                      const std::string& behaviour = "obey") {
  config::v1::Pool spec = core::TestSpec(name, count);
  spec.clear_command();
  spec.add_command(TestWorkerPath());
  spec.add_command(behaviour);
  spec.mutable_output()->set_forward(false);
  return spec;
}

void AddListener(const std::string& name, const std::string& address,
                 config::v1::Pool* spec) {
  config::v1::Listener* listener = spec->add_listeners();
  listener->set_name(name);
  listener->set_address(address);
}

bool CanConnect(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address),
                   sizeof(address)) == 0;
}

class ShellTest : public ::testing::Test {
 protected:
  ShellTest()
      : core_(core::Options{}),
        shell_(std::make_unique<Shell>(loop_.io, core_, store_,
                                       ShellOptions{.forward_fd = -1})) {
    shell_->OnFinish([this](int code) { exit_code_ = code; });
    shell_->OnNotice([this](const core::Notice& notice) {
      if (auto* exited = std::get_if<core::WorkerExited>(&notice)) {
        exits_.push_back(exited->exit);
      }
    });
  }

  absl::StatusOr<core::OperationId> Apply(
      const std::vector<config::v1::Pool>& pools) {
    config::v1::Config config;
    for (const auto& pool : pools) *config.add_pools() = pool;
    return shell_->ApplyConfig(config, "test");
  }

  core::OperationState Await(core::OperationId id) {
    EXPECT_TRUE(loop_.RunUntil(
        [&] { return core::IsFinal(core_.FindOperation(id)->state); }));
    return core_.FindOperation(id)->state;
  }

  void ApplyAndAwait(const std::vector<config::v1::Pool>& pools) {
    auto operation = Apply(pools);
    ASSERT_TRUE(operation.ok()) << operation.status();
    ASSERT_EQ(Await(*operation), core::OperationState::kSucceeded);
  }

  std::vector<pid_t> Pids(const std::string& pool) {
    std::vector<pid_t> pids;
    for (const core::WorkerView& worker : core_.Workers(pool)) {
      pids.push_back(worker.pid);
    }
    return pids;
  }

  Loop loop_;
  core::Supervisor core_;
  output::Store store_;
  std::vector<std::shared_ptr<const core::Exit>> exits_;
  std::optional<int> exit_code_;
  std::unique_ptr<Shell> shell_;
};

TEST_F(ShellTest, StartsScalesAndShutsDown) {
  ApplyAndAwait({Spec("web", 3), Spec("api", 2)});
  EXPECT_EQ(core_.FindPool("web")->ready, 3u);
  EXPECT_EQ(core_.FindPool("api")->ready, 2u);

  auto scaled = shell_->Submit(core::Scale{"web", 1}, "test");
  ASSERT_TRUE(scaled.ok());
  EXPECT_EQ(Await(*scaled), core::OperationState::kSucceeded);
  EXPECT_EQ(core_.Workers("web").size(), 1u);
  EXPECT_EQ(shell_->CurrentConfig().pools(1).count() +
                shell_->CurrentConfig().pools(0).count(),
            3u);

  auto down = shell_->Submit(core::Shutdown{}, "test");
  ASSERT_TRUE(down.ok());
  ASSERT_TRUE(loop_.RunUntil([&] { return exit_code_.has_value(); }));
  EXPECT_EQ(exit_code_, 0);
  ASSERT_EQ(exits_.size(), 5u);
  for (const auto& exit : exits_) EXPECT_TRUE(exit->clean());
}

TEST_F(ShellTest, ReloadReplacesEveryProcess) {
  ApplyAndAwait({Spec("web", 2)});
  std::vector<pid_t> before = Pids("web");
  auto reloaded = shell_->Submit(core::Reload{"web"}, "test");
  ASSERT_TRUE(reloaded.ok());
  ASSERT_EQ(Await(*reloaded), core::OperationState::kSucceeded);
  EXPECT_EQ(core_.FindPool("web")->ready, 2u);
  for (pid_t pid : Pids("web")) {
    EXPECT_THAT(before, ::testing::Not(::testing::Contains(pid)));
  }
}

TEST_F(ShellTest, KilledWorkerIsReplaced) {
  ApplyAndAwait({Spec("web", 2)});
  ::kill(Pids("web")[0], SIGKILL);
  ASSERT_TRUE(loop_.RunUntil(
      [&] { return exits_.size() == 1 && core_.FindPool("web")->ready == 2; }));
  EXPECT_EQ(std::get<core::ExternalSignal>(exits_[0]->reason).signal, SIGKILL);
  EXPECT_FALSE(exits_[0]->by_supervisor);
}

TEST_F(ShellTest, FailedStartHasTheLastOutput) {
  config::v1::Pool spec = Spec("web", 1, "talk");
  spec.mutable_restart()->set_on_start_failure(
      config::v1::EXIT_ACTION_STOP_POOL);
  auto operation = Apply({spec});
  ASSERT_TRUE(operation.ok());
  EXPECT_EQ(Await(*operation), core::OperationState::kFailed);
  ASSERT_FALSE(exits_.empty());
  EXPECT_THAT(exits_[0]->last_output, ::testing::Contains("to stdout"));
}

TEST_F(ShellTest, CommandThatCannotBeStartedFailsTheOperation) {
  config::v1::Pool spec = Spec("web", 2);
  spec.set_command(0, "/no/such/program");
  auto operation = Apply({spec});
  ASSERT_TRUE(operation.ok());
  EXPECT_EQ(Await(*operation), core::OperationState::kFailed);
  ASSERT_FALSE(exits_.empty());
  auto& failure = std::get<core::SpawnFailure>(exits_[0]->reason);
  EXPECT_EQ(failure.step, "execve");
  EXPECT_EQ(failure.error_number, ENOENT);
}

TEST_F(ShellTest, ListenersOutliveWorkersAndEndWithTheirPool) {
  TempDir directory;
  config::v1::Pool spec = Spec("web", 1);
  AddListener("http", "unix://" + (directory / "a.sock"), &spec);
  ApplyAndAwait({spec, Spec("api", 1)});
  EXPECT_TRUE(CanConnect(directory / "a.sock"));
  ASSERT_EQ(shell_->Listeners("web").size(), 1u);
  EXPECT_EQ(shell_->Listeners("web")[0].socket->bound_address(),
            "unix://" + (directory / "a.sock"));

  auto reloaded = shell_->Submit(core::Reload{"web"}, "test");
  ASSERT_TRUE(reloaded.ok());
  ASSERT_EQ(Await(*reloaded), core::OperationState::kSucceeded);
  EXPECT_TRUE(CanConnect(directory / "a.sock"));

  ApplyAndAwait({Spec("api", 1)});
  EXPECT_TRUE(
      loop_.RunUntil([&] { return !CanConnect(directory / "a.sock"); }));
  EXPECT_TRUE(shell_->Listeners("web").empty());
}

TEST_F(ShellTest, ListenerThatCannotBeOpenedChangesNothing) {
  TempDir directory;
  ApplyAndAwait({Spec("api", 1)});
  config::v1::Pool first = Spec("web", 1);
  AddListener("http", "unix://" + (directory / "a.sock"), &first);
  config::v1::Pool second = Spec("bad", 1);
  AddListener("http", "unix://" + (directory / "missing/b.sock"), &second);
  auto operation = Apply({Spec("api", 2), first, second});
  ASSERT_FALSE(operation.ok());
  EXPECT_THAT(std::string(operation.status().message()),
              HasSubstr("pool bad: listener http"));
  EXPECT_FALSE(CanConnect(directory / "a.sock"));
  EXPECT_EQ(core_.Pools().size(), 1u);
  EXPECT_EQ(core_.FindPool("api")->count, 1u);
}

TEST_F(ShellTest, FailedReloadLetsGoOfItsListeners) {
  TempDir directory;
  config::v1::Pool spec = Spec("web", 1);
  AddListener("http", "unix://" + (directory / "a.sock"), &spec);
  ApplyAndAwait({spec});
  config::v1::Pool bad = spec;
  bad.set_command(1, "talk");
  AddListener("more", "unix://" + (directory / "b.sock"), &bad);
  auto operation = Apply({bad});
  ASSERT_TRUE(operation.ok());
  EXPECT_TRUE(CanConnect(directory / "b.sock"));
  EXPECT_NE(Await(*operation), core::OperationState::kSucceeded);
  EXPECT_TRUE(CanConnect(directory / "a.sock"));
  EXPECT_TRUE(
      loop_.RunUntil([&] { return !CanConnect(directory / "b.sock"); }));
  EXPECT_EQ(shell_->Listeners("web").size(), 1u);
}

TEST_F(ShellTest, DeadlinesAreKept) {
  config::v1::Pool spec = Spec("web", 1, "deaf");
  spec.mutable_timeouts()->mutable_start()->set_seconds(0);
  spec.mutable_timeouts()->mutable_start()->set_nanos(50'000'000);
  spec.mutable_timeouts()->mutable_answer_grace()->set_seconds(0);
  spec.mutable_timeouts()->mutable_answer_grace()->set_nanos(0);
  auto operation = Apply({spec});
  ASSERT_TRUE(operation.ok());
  EXPECT_EQ(Await(*operation), core::OperationState::kFailed);
  ASSERT_FALSE(exits_.empty());
  EXPECT_EQ(exits_[0]->cause, core::FailureReason::kStartTimeout);
}

TEST_F(ShellTest, ObserversMayCallTheShell) {
  bool asked = false;
  shell_->OnNotice([&](const core::Notice& notice) {
    auto* changed = std::get_if<core::PoolChanged>(&notice);
    if (changed == nullptr || changed->state != core::PoolState::kRunning) {
      return;
    }
    if (asked) return;
    asked = true;
    EXPECT_TRUE(shell_->Submit(core::Shutdown{}, "observer").ok());
  });
  ASSERT_TRUE(Apply({Spec("web", 2)}).ok());
  ASSERT_TRUE(loop_.RunUntil([&] { return exit_code_.has_value(); }));
  EXPECT_TRUE(asked);
}

TEST_F(ShellTest, KillsWorkersWhenItGoes) {
  ApplyAndAwait({Spec("web", 2)});
  std::vector<pid_t> pids = Pids("web");
  shell_.reset();
  for (pid_t pid : pids) EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace drover::os
