// A program that embeds the supervisor, with real processes.
#include "supervisor/embed/supervisor.h"

#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr char kWorker[] = "examples/minimal_c/minimal_worker";

config::v1::Pool Spec(const std::string& name, uint32_t count) {
  config::v1::Pool spec;
  spec.set_name(name);
  spec.add_command(kWorker);
  spec.set_count(count);
  return spec;
}

// Collects what happens, and lets a test wait for it.
template <typename T>
class Inbox {
 public:
  void Put(T item) {
    std::lock_guard<std::mutex> lock(mutex_);
    items_.push_back(std::move(item));
    changed_.notify_all();
  }

  // The items once there are so many; fails after a long time.
  std::vector<T> Wait(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30),
                                  [&] { return items_.size() >= count; }));
    return items_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> items_;
};

class EmbedTest : public testing::Test {
 protected:
  std::unique_ptr<EmbeddedSupervisor> Make(
      EmbeddedSupervisor::Options options = {}) {
    options.forward_output = false;
    options.operation_timeout = absl::Seconds(60);
    auto supervisor = EmbeddedSupervisor::Create(std::move(options));
    EXPECT_TRUE(supervisor.ok()) << supervisor.status();
    return *std::move(supervisor);
  }

  static size_t Started(EmbeddedSupervisor& supervisor,
                        const std::string& pool) {
    auto statuses = supervisor.Statuses(pool);
    return static_cast<size_t>(std::count_if(
        statuses.begin(), statuses.end(),
        [](const WorkerStatus& worker) { return worker.state == "STARTED"; }));
  }
};

TEST_F(EmbedTest, StartsScalesReloadsAndShutsDown) {
  auto supervisor = Make();
  ASSERT_TRUE(supervisor->Start(Spec("app", 4)).ok());
  EXPECT_EQ(Started(*supervisor, "app"), 4u);
  ASSERT_TRUE(supervisor->Scale("app", 2).ok());
  EXPECT_EQ(Started(*supervisor, "app"), 2u);
  ASSERT_TRUE(supervisor->Reload("app").ok());
  for (const WorkerStatus& worker : supervisor->Statuses("app")) {
    EXPECT_EQ(worker.generation, 2u);
  }
  ASSERT_TRUE(supervisor->Stop("app").ok());
  EXPECT_EQ(Started(*supervisor, "app"), 0u);
  ASSERT_TRUE(supervisor->Resume("app").ok());
  EXPECT_EQ(Started(*supervisor, "app"), 2u);
  ASSERT_TRUE(supervisor->Remove("app").ok());
  EXPECT_TRUE(supervisor->Statuses("app").empty());
  ASSERT_TRUE(supervisor->Shutdown().ok());
}

TEST_F(EmbedTest, SeveralPoolsSideBySide) {
  auto supervisor = Make();
  ASSERT_TRUE(supervisor->Start(Spec("foo", 2)).ok());
  ASSERT_TRUE(supervisor->Start(Spec("bar", 2)).ok());
  ASSERT_TRUE(supervisor->Start(Spec("baz", 4)).ok());
  EXPECT_EQ(supervisor->Start(Spec("baz", 1)).code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Started(*supervisor, "baz"), 4u);
  ASSERT_TRUE(supervisor->Shutdown().ok());
  EXPECT_FALSE(supervisor->Start(Spec("late", 1)).ok());
}

TEST_F(EmbedTest, TheProgramDecidesWhatAnExitMeans) {
  Inbox<WorkerExit> exits;
  EmbeddedSupervisor::Options options;
  options.on_exit = [&](const WorkerExit& exit) {
    exits.Put(exit);
    return exit.slot == 0 ? Decision::kRestart : Decision::kLeave;
  };
  auto supervisor = Make(std::move(options));
  config::v1::Pool spec = Spec("app", 2);
  spec.mutable_restart()->mutable_backoff()->mutable_initial()->set_nanos(
      1'000'000);
  ASSERT_TRUE(supervisor->Start(spec).ok());
  for (const WorkerStatus& worker : supervisor->Statuses("app")) {
    ASSERT_EQ(::kill(worker.pid, SIGKILL), 0);
  }
  for (const WorkerExit& exit : exits.Wait(2)) {
    EXPECT_EQ(exit.reason, ExitKind::kExternalSignal);
    EXPECT_EQ(exit.signal, SIGKILL);
    EXPECT_FALSE(exit.by_supervisor);
  }
  // The one that was left comes back when the program says so.
  absl::Status restarted = supervisor->RestartWorker("app", 1);
  ASSERT_TRUE(restarted.ok()) << restarted;
  EXPECT_EQ(supervisor->Statuses("app").at(1).state, "STARTED");
  ASSERT_TRUE(supervisor->Shutdown().ok());
}

TEST_F(EmbedTest, AnExitMayShutEverythingDown) {
  Inbox<int> finished;
  EmbeddedSupervisor::Options options;
  options.on_exit = [](const WorkerExit&) { return Decision::kShutDown; };
  options.on_finished = [&](int exit_code) { finished.Put(exit_code); };
  auto supervisor = Make(std::move(options));
  ASSERT_TRUE(supervisor->Start(Spec("app", 3)).ok());
  ::kill(supervisor->Statuses("app").at(0).pid, SIGKILL);
  EXPECT_EQ(finished.Wait(1), std::vector<int>{3});
}

TEST_F(EmbedTest, AFailedStartSaysWhyAndLeavesNothing) {
  auto supervisor = Make();
  config::v1::Pool spec = Spec("app", 2);
  spec.clear_command();
  spec.add_command("/nowhere/worker");
  absl::Status started = supervisor->Start(spec);
  EXPECT_EQ(started.code(), absl::StatusCode::kAborted);
  EXPECT_NE(started.message().find("No such file or directory"),
            absl::string_view::npos)
      << started;
  EXPECT_TRUE(supervisor->Statuses("app").empty());
  EXPECT_TRUE(supervisor->Start(Spec("app", 1)).ok());
  ASSERT_TRUE(supervisor->Shutdown().ok());
}

TEST_F(EmbedTest, BadSpecsNameTheField) {
  auto supervisor = Make();
  config::v1::Pool spec = Spec("app", 1);
  spec.clear_command();
  absl::Status started = supervisor->Start(spec);
  EXPECT_EQ(started.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(started.message().find("command"), absl::string_view::npos);
}

TEST_F(EmbedTest, WaitingWithinACallbackIsRefused) {
  Inbox<absl::Status> refused;
  EmbeddedSupervisor* handle = nullptr;
  EmbeddedSupervisor::Options options;
  options.on_exit = [&](const WorkerExit&) {
    refused.Put(handle->Scale("app", 2));
    return Decision::kLeave;
  };
  auto supervisor = Make(std::move(options));
  handle = supervisor.get();
  ASSERT_TRUE(supervisor->Start(Spec("app", 1)).ok());
  ::kill(supervisor->Statuses("app").at(0).pid, SIGKILL);
  EXPECT_EQ(refused.Wait(1).at(0).code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(supervisor->Shutdown(/*hard=*/true).ok());
}

}  // namespace
}  // namespace drover
