// What operators see of pools: start, scale, reload, restart, stop, shutdown.
#include <csignal>
#include <string>

#include "gtest/gtest.h"
#include "supervisor/core/testing/harness.h"

namespace drover::core {
namespace {

using config::v1::EXIT_ACTION_LEAVE;
using config::v1::EXIT_ACTION_RESTART;
using config::v1::EXIT_ACTION_SHUT_DOWN;
using config::v1::EXIT_ACTION_STOP_POOL;

Apply AddPool(config::v1::Pool spec, bool initial = false) {
  Apply apply;
  apply.changes.push_back({PoolChangeKind::kAdd, std::move(spec)});
  apply.initial = initial;
  return apply;
}

// Only processes of this generation behave so.
auto InGeneration(Generation generation, Behaviour behaviour) {
  return [=](const Identity& id) {
    return id.generation == generation ? behaviour : Behaviour{};
  };
}

Behaviour FailsToStart() {
  Behaviour behaviour;
  behaviour.fails_to_start = true;
  return behaviour;
}

TEST(StartTest, SucceedsWhenEveryWorkerIsStarted) {
  Harness world;
  auto operation = world.Submit(AddPool(TestSpec("web", 4)));
  ASSERT_TRUE(operation.ok());
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 4u);
  EXPECT_EQ(world.core().FindPool("web")->state, PoolState::kRunning);
}

TEST(StartTest, WaitsForTheLastAndSaysForWhom) {
  Harness world;
  world.behave = [](const Identity& id) {
    Behaviour behaviour;
    behaviour.starts = id.slot != 2;
    return behaviour;
  };
  auto operation = world.Submit(AddPool(TestSpec("web", 4)));
  OperationView view = world.Operation(*operation);
  EXPECT_EQ(view.state, OperationState::kRunning);
  ASSERT_EQ(view.waiting.size(), 1u);
  EXPECT_EQ(view.waiting[0].worker.slot, 2u);
  EXPECT_EQ(view.waiting[0].what, "STARTED");
}

TEST(StartTest, NeverMoreOnTheirWayThanAllowed) {
  Options options;
  options.max_parallel_starts = 3;
  Harness world(options);
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.starts = false;
    return behaviour;
  };
  ASSERT_TRUE(world.Submit(AddPool(TestSpec("web", 10))).ok());
  EXPECT_EQ(world.Alive("web").size(), 3u);
  auto fourth = world.core().FindWorker("web", 3);
  EXPECT_EQ(fourth->vacancy, VacancyKind::kWaiting);
}

TEST(StartTest, OneFailureTakesTheInitialStartDown) {
  Harness world;
  world.behave = [](const Identity& id) {
    return id.slot == 3 ? FailsToStart() : Behaviour{};
  };
  auto operation = world.Submit(AddPool(TestSpec("web", 4), /*initial=*/true));
  OperationView view = world.Operation(*operation);
  EXPECT_EQ(view.state, OperationState::kFailed);
  ASSERT_NE(view.failure, nullptr);
  EXPECT_EQ(view.failure->reason, FailureReason::kWorkerFailed);
  EXPECT_EQ(view.failure->worker->slot, 3u);
  EXPECT_EQ(view.failure->exit->last_words, "no database");
  EXPECT_EQ(view.failure->exit->last_output,
            std::vector<std::string>{"last line"});
  EXPECT_EQ(world.exit_code(), 1);
  EXPECT_TRUE(world.Alive("web").empty());
}

TEST(StartTest, SpawnFailureNamesStepErrnoAndObject) {
  Harness world;
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.spawns = false;
    return behaviour;
  };
  auto operation = world.Submit(AddPool(TestSpec("web", 2), /*initial=*/true));
  OperationView view = world.Operation(*operation);
  EXPECT_EQ(view.state, OperationState::kFailed);
  EXPECT_EQ(view.failure->message,
            "web/0 could not be started: execve: No such file or directory: "
            "./server");
  EXPECT_EQ(view.failure->remedy,
            "mend what the message names, then try again");
  EXPECT_EQ(world.exit_code(), 1);
}

TEST(StartTest, TimesOutWithTheReason) {
  Harness world;
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.starts = false;
    return behaviour;
  };
  auto operation = world.Submit(AddPool(TestSpec("web", 1)));
  world.Pass(absl::Seconds(61));
  OperationView view = world.Operation(*operation);
  EXPECT_EQ(view.state, OperationState::kFailed);
  EXPECT_EQ(view.failure->reason, FailureReason::kStartTimeout);
  EXPECT_EQ(world.core().FindPool("web")->state, PoolState::kFailed);
}

TEST(StartTest, AFailedPoolStartsAgainAndForgetsItsFailure) {
  Harness world;
  world.behave = [](const Identity&) { return FailsToStart(); };
  ASSERT_TRUE(world.Submit(AddPool(TestSpec("web", 2))).ok());
  EXPECT_EQ(world.core().FindPool("web")->state, PoolState::kFailed);
  EXPECT_NE(world.core().FindPool("web")->failure, nullptr);
  world.behave = [](const Identity&) { return Behaviour{}; };
  ASSERT_TRUE(world.Submit(StartPool{"web"}).ok());
  EXPECT_EQ(world.core().FindPool("web")->state, PoolState::kRunning);
  EXPECT_EQ(world.core().FindPool("web")->failure, nullptr);
  EXPECT_EQ(world.Serving("web"), 2u);
}

TEST(ScaleTest, UpAddsSlotsAndDownDrainsTheHighest) {
  Harness world;
  world.Start({TestSpec("web", 4)});
  ASSERT_TRUE(world.Submit(Scale{"web", 8}).ok());
  EXPECT_EQ(world.Serving("web"), 8u);
  auto down = world.Submit(Scale{"web", 2});
  EXPECT_EQ(world.Operation(*down).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 2u);
  EXPECT_EQ(world.core().Workers("web").size(), 2u);
  for (const WorkerExited& exited : world.exits()) {
    EXPECT_GE(exited.exit->worker.slot, 2u);
    EXPECT_TRUE(exited.exit->clean());
    // Drained before it was told to go.
    const auto& heard = world.process(exited.exit->worker.incarnation).heard;
    ASSERT_GE(heard.size(), 2u);
    EXPECT_TRUE(heard[heard.size() - 2].has_stop());
    EXPECT_EQ(heard[heard.size() - 2].stop().cause(),
              worker::v1::CAUSE_SCALE_DOWN);
  }
}

TEST(ScaleTest, AFailureTakesBackWhatWasAdded) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  world.behave = [](const Identity& id) {
    return id.slot == 4 ? FailsToStart() : Behaviour{};
  };
  auto operation = world.Submit(Scale{"web", 6});
  OperationView view = world.Operation(*operation);
  EXPECT_EQ(view.state, OperationState::kRolledBack);
  EXPECT_EQ(view.failure->worker->slot, 4u);
  EXPECT_EQ(world.core().FindPool("web")->count, 2u);
  EXPECT_EQ(world.Serving("web"), 2u);
  EXPECT_EQ(world.core().Workers("web").size(), 2u);
}

TEST(ScaleTest, ALaterScaleReplacesARunningOne) {
  Harness world;
  world.Start({TestSpec("web", 4)});
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.starts = false;
    return behaviour;
  };
  auto first = world.Submit(Scale{"web", 8});
  EXPECT_EQ(world.Operation(*first).state, OperationState::kRunning);
  auto second = world.Submit(Scale{"web", 3});
  EXPECT_EQ(world.Operation(*first).state, OperationState::kSuperseded);
  EXPECT_EQ(world.Operation(*second).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 3u);
}

TEST(ScaleTest, SlotsOnTheirWayOutAreFilledAgainAfterTheirEnd) {
  Harness world;
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.stops = false;  // drains for ever
    return behaviour;
  };
  world.Start({TestSpec("web", 3)});
  ASSERT_TRUE(world.Submit(Scale{"web", 1}).ok());
  world.behave = [](const Identity&) { return Behaviour{}; };
  auto up = world.Submit(Scale{"web", 3});
  EXPECT_EQ(world.Operation(*up).state, OperationState::kRunning);
  world.Pass(absl::Minutes(1));
  EXPECT_EQ(world.Operation(*up).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 3u);
}

TEST(ScaleTest, OutOfRangeAndUnknownAreRefused) {
  Harness world;
  world.Start({TestSpec("web", 1)});
  auto zero = world.Submit(Scale{"web", 0});
  EXPECT_EQ(zero.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(RefusalOf(zero.status())->field, "count");
  EXPECT_EQ(world.Submit(Scale{"web", 4097}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(world.Submit(Scale{"nope", 2}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(ReloadTest, StartsFirstAndKeepsCapacity) {
  Harness world;
  world.Start({TestSpec("web", 4)});
  auto operation = world.Submit(Reload{"web"});
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kSucceeded);
  EXPECT_EQ(world.core().FindPool("web")->generation, 2u);
  EXPECT_EQ(world.Serving("web"), 4u);
  EXPECT_GE(world.least_serving("web"), 4u);
  EXPECT_LE(world.most_alive("web"), 5u);
  EXPECT_EQ(world.retired(), std::vector<std::string>{"web#1"});
  for (const WorkerView& worker : world.core().Workers("web")) {
    EXPECT_EQ(worker.id.generation, 2u);
  }
}

TEST(ReloadTest, SurgeIsABound) {
  Harness world;
  config::v1::Pool spec = TestSpec("web", 6);
  spec.mutable_reload()->set_max_surge("3");
  world.Start({spec});
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.starts = false;
    return behaviour;
  };
  ASSERT_TRUE(world.Submit(Reload{"web"}).ok());
  EXPECT_EQ(world.Alive("web").size(), 9u);
  EXPECT_EQ(world.Serving("web"), 6u);
}

TEST(ReloadTest, AGenerationThatNeverStartsIsRolledBack) {
  Harness world;
  world.Start({TestSpec("web", 4)});
  std::vector<Incarnation> before = world.Alive("web");
  world.behave = InGeneration(2, FailsToStart());
  auto operation = world.Submit(Reload{"web"});
  OperationView view = world.Operation(*operation);
  EXPECT_EQ(view.state, OperationState::kRolledBack);
  EXPECT_EQ(view.failure->exit->last_words, "no database");
  // Nobody was touched.
  EXPECT_EQ(world.Alive("web"), before);
  EXPECT_GE(world.least_serving("web"), 4u);
  EXPECT_EQ(world.core().FindPool("web")->generation, 1u);
  EXPECT_EQ(world.retired(), std::vector<std::string>{"web#2"});
}

TEST(ReloadTest, SlotsAlreadyReplacedGoBackStartFirst) {
  Harness world;
  world.Start({TestSpec("web", 4)});
  Incarnation untouched = world.Incumbent("web", 3);
  world.behave = [](const Identity& id) {
    return id.generation == 2 && id.slot == 2 ? FailsToStart() : Behaviour{};
  };
  auto operation = world.Submit(Reload{"web"});
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRolledBack);
  EXPECT_GE(world.least_serving("web"), 4u);
  EXPECT_LE(world.most_alive("web"), 5u);
  EXPECT_EQ(world.Incumbent("web", 3), untouched);
  for (const WorkerView& worker : world.core().Workers("web")) {
    EXPECT_EQ(worker.id.generation, 1u);
    EXPECT_EQ(worker.state, WorkerState::kStarted);
  }
}

TEST(ReloadTest, ATimeoutOfTheNewGenerationIsAFailure) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  Behaviour hangs;
  hangs.starts = false;
  world.behave = InGeneration(2, hangs);
  auto operation = world.Submit(Reload{"web"});
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRunning);
  world.Pass(absl::Seconds(61));
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRolledBack);
  EXPECT_EQ(world.Operation(*operation).failure->reason,
            FailureReason::kStartTimeout);
  EXPECT_EQ(world.Serving("web"), 2u);
}

TEST(ReloadTest, ACrashOfTheNewGenerationWhileItRunsRollsBack) {
  Harness world;
  world.Start({TestSpec("web", 3)});
  world.behave = [](const Identity& id) {
    Behaviour behaviour;
    behaviour.starts = !(id.generation == 2 && id.slot == 1);
    return behaviour;
  };
  auto operation = world.Submit(Reload{"web"});
  world.Die(world.Incumbent("web", 0), SIGSEGV, 0);
  world.Pass(absl::Seconds(1));
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRolledBack);
  EXPECT_EQ(world.Serving("web"), 3u);
  EXPECT_EQ(world.core().FindWorker("web", 0)->id.generation, 1u);
}

TEST(ReloadTest, ACrashOfTheOldGenerationIsFilledByTheNew) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  world.behave = [](const Identity& id) {
    Behaviour behaviour;
    behaviour.starts = id.generation == 1;
    return behaviour;
  };
  auto operation = world.Submit(Reload{"web"});
  world.Die(world.Incumbent("web", 0), SIGKILL, 0);
  ASSERT_EQ(world.Operation(*operation).state, OperationState::kRunning);
  EXPECT_EQ(world.exits().back().next, "its successor is starting");
  // The successor never gets there: the slot is filled by the old generation.
  world.Pass(absl::Seconds(62));
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRolledBack);
  EXPECT_EQ(world.Serving("web"), 2u);
}

TEST(ReloadTest, NewWorkersMustProveThemselves) {
  Harness world;
  config::v1::Pool spec = TestSpec("web", 1);
  spec.mutable_reload()->mutable_min_ready_time()->set_seconds(5);
  world.Start({spec});
  auto operation = world.Submit(Reload{"web"});
  EXPECT_EQ(world.Serving("web"), 2u);
  Incarnation successor = world.Alive("web").back();
  world.Pass(absl::Seconds(4));
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRunning);
  world.Die(successor, SIGSEGV, 0);
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRolledBack);
  auto again = world.Submit(Reload{"web"});
  world.Pass(absl::Seconds(5));
  EXPECT_EQ(world.Operation(*again).state, OperationState::kSucceeded);
}

TEST(ReloadTest, CancelRollsBack) {
  Harness world;
  world.Start({TestSpec("web", 3)});
  world.behave = [](const Identity& id) {
    Behaviour behaviour;
    behaviour.starts = id.generation != 2 || id.slot == 0;
    return behaviour;
  };
  auto operation = world.Submit(Reload{"web"});
  ASSERT_TRUE(world.Cancel(*operation).ok());
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kRolledBack);
  EXPECT_EQ(world.Operation(*operation).failure->reason,
            FailureReason::kCancelled);
  EXPECT_EQ(world.Serving("web"), 3u);
  EXPECT_GE(world.least_serving("web"), 3u);
  EXPECT_EQ(world.Cancel(*operation).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(ReloadTest, ASecondOneIsRefusedWhileItRuns) {
  Harness world;
  world.Start({TestSpec("web", 1)});
  Behaviour hangs;
  hangs.starts = false;
  world.behave = InGeneration(2, hangs);
  auto first = world.Submit(Reload{"web"});
  auto second = world.Submit(Reload{"web"});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(RefusalOf(second.status())->reason, "OPERATION_RUNNING");
  EXPECT_EQ(world.Operation(*first).state, OperationState::kRunning);
}

TEST(ReloadTest, ANewSpecMayGrowOrShrinkThePool) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  Apply grow;
  grow.changes.push_back({PoolChangeKind::kReload, TestSpec("web", 4)});
  auto operation = world.Submit(grow);
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 4u);
  Apply shrink;
  shrink.changes.push_back({PoolChangeKind::kReload, TestSpec("web", 1)});
  operation = world.Submit(shrink);
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 1u);
  EXPECT_EQ(world.core().Workers("web").size(), 1u);
}

TEST(ReloadTest, SlotsThatAFailedSpecAddedGoAgain) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  world.behave = [](const Identity& id) {
    return id.generation == 2 && id.slot == 3 ? FailsToStart() : Behaviour{};
  };
  Apply grow;
  grow.changes.push_back({PoolChangeKind::kReload, TestSpec("web", 5)});
  auto operation = world.Submit(grow);
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kFailed);
  EXPECT_EQ(world.Serving("web"), 2u);
  EXPECT_EQ(world.core().Workers("web").size(), 2u);
  EXPECT_EQ(world.core().FindPool("web")->generation, 1u);
}

TEST(RestartTest, StartsTheSuccessorFirst) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  Incarnation before = world.Incumbent("web", 1);
  auto operation = world.Submit(RestartWorker{"web", 1});
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kSucceeded);
  EXPECT_NE(world.Incumbent("web", 1), before);
  EXPECT_GE(world.least_serving("web"), 2u);
}

TEST(RestartTest, AFailureLeavesTheFormerProcess) {
  Harness world;
  world.Start({TestSpec("web", 1)});
  Incarnation before = world.Incumbent("web", 0);
  world.behave = [](const Identity&) { return FailsToStart(); };
  auto operation = world.Submit(RestartWorker{"web", 0});
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kFailed);
  EXPECT_EQ(world.Incumbent("web", 0), before);
  EXPECT_EQ(world.Serving("web"), 1u);
}

TEST(StopTest, ProcessesStayAndStartAgainInPlace) {
  Harness world;
  world.Start({TestSpec("web", 3)});
  std::vector<Incarnation> before = world.Alive("web");
  ASSERT_TRUE(world.Submit(StopPool{"web"}).ok());
  EXPECT_EQ(world.core().FindPool("web")->state, PoolState::kStopped);
  EXPECT_EQ(world.Serving("web"), 0u);
  EXPECT_EQ(world.Alive("web"), before);
  EXPECT_EQ(world.Submit(Reload{"web"}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(world.Submit(StartPool{"web"}).ok());
  EXPECT_EQ(world.Serving("web"), 3u);
  EXPECT_EQ(world.Alive("web"), before);
}

TEST(StopTest, WithoutResumeANewProcessTakesOver) {
  Harness world;
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.capabilities.clear();
    return behaviour;
  };
  world.Start({TestSpec("web", 2)});
  std::vector<Incarnation> before = world.Alive("web");
  ASSERT_TRUE(world.Submit(StopPool{"web"}).ok());
  auto start = world.Submit(StartPool{"web"});
  EXPECT_EQ(world.Operation(*start).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 2u);
  EXPECT_NE(world.Alive("web"), before);
}

TEST(ExitTest, ACrashIsRestartedWithGrowingBackoff) {
  Harness world;
  world.Start({TestSpec("web", 1)});
  for (const char* next :
       {"restart in 100ms", "restart in 200ms", "restart in 400ms"}) {
    world.Die(world.Incumbent("web", 0), SIGSEGV, 0);
    EXPECT_EQ(world.exits().back().next, next);
    EXPECT_EQ(world.core().FindWorker("web", 0)->vacancy,
              VacancyKind::kBackingOff);
    world.Pass(absl::Milliseconds(400));
    EXPECT_EQ(world.Serving("web"), 1u);
  }
  // Healthy for long enough: it begins again.
  world.Pass(absl::Seconds(11));
  world.Die(world.Incumbent("web", 0), 0, 7);
  EXPECT_EQ(world.exits().back().next, "restart in 100ms");
}

TEST(ExitTest, ReasonsAreTyped) {
  Harness world;
  world.Start({TestSpec("web", 3)});
  world.Die(world.Incumbent("web", 0), SIGKILL, 0);
  world.Die(world.Incumbent("web", 1), 0, 3);
  world.Die(world.Incumbent("web", 2), 0, 0);
  const auto& exits = world.exits();
  ASSERT_EQ(exits.size(), 3u);
  EXPECT_EQ(std::get<ExternalSignal>(exits[0].exit->reason).signal, SIGKILL);
  EXPECT_FALSE(exits[0].exit->by_supervisor);
  EXPECT_EQ(std::get<AbnormalExit>(exits[1].exit->reason).code, 3);
  EXPECT_TRUE(std::holds_alternative<NormalExit>(exits[2].exit->reason));
  EXPECT_FALSE(exits[2].exit->due);
  EXPECT_EQ(exits[2].exit->cause, FailureReason::kExited);
}

TEST(ExitTest, ACrashLoopFailsThePoolAndOneCommandClearsIt) {
  Harness world;
  config::v1::Pool spec = TestSpec("web", 2);
  spec.mutable_restart()->set_max_restarts(2);  // times 2 workers
  world.Start({spec});
  world.behave = [](const Identity&) { return FailsToStart(); };
  world.Die(world.Incumbent("web", 0), SIGSEGV, 0);
  world.Pass(absl::Seconds(20));
  auto pool = world.core().FindPool("web");
  EXPECT_EQ(pool->state, PoolState::kFailed);
  EXPECT_EQ(pool->failure->reason, FailureReason::kCrashLoop);
  EXPECT_TRUE(world.Alive("web").empty());
  // It does not spin.
  size_t processes = world.processes().size();
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.processes().size(), processes);
  world.behave = [](const Identity&) { return Behaviour{}; };
  ASSERT_TRUE(world.Submit(StartPool{"web"}).ok());
  EXPECT_EQ(world.Serving("web"), 2u);
}

TEST(ExitTest, PolicyDecidesByReason) {
  Harness world;
  config::v1::Pool spec = TestSpec("web", 3);
  spec.mutable_restart()->set_on_normal_exit(EXIT_ACTION_LEAVE);
  spec.mutable_restart()->set_on_abnormal_exit(EXIT_ACTION_STOP_POOL);
  world.Start({spec});
  world.Die(world.Incumbent("web", 0), 0, 0);
  EXPECT_TRUE(world.exits().back().left);
  EXPECT_EQ(world.core().FindWorker("web", 0)->vacancy, VacancyKind::kLeft);
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Serving("web"), 2u);
  // An operator brings it back.
  ASSERT_TRUE(world.Submit(RestartWorker{"web", 0}).ok());
  EXPECT_EQ(world.Serving("web"), 3u);
  world.Die(world.Incumbent("web", 1), 0, 9);
  EXPECT_EQ(world.core().FindPool("web")->state, PoolState::kFailed);
  EXPECT_EQ(world.core().FindPool("web")->failure->reason,
            FailureReason::kPolicy);
  EXPECT_TRUE(world.Alive("web").empty());
}

TEST(ExitTest, PolicyMayShutEverythingDown) {
  Harness world;
  config::v1::Pool spec = TestSpec("web", 2);
  spec.mutable_restart()->set_on_external_signal(EXIT_ACTION_SHUT_DOWN);
  world.Start({spec, TestSpec("other", 2)});
  world.Die(world.Incumbent("web", 0), SIGKILL, 0);
  EXPECT_EQ(world.exit_code(), 3);
  EXPECT_TRUE(world.Alive("other").empty());
}

// No process begins in a pool that was stopped, whoever wants it.
TEST(ExitTest, NothingIsDecidedInAStoppedPool) {
  Harness world;
  config::v1::Pool spec = TestSpec("web", 2);
  spec.mutable_restart()->set_on_external_signal(EXIT_ACTION_LEAVE);
  world.Start({spec});
  world.Die(world.Incumbent("web", 0), SIGKILL, 0);
  ASSERT_TRUE(world.Submit(StopPool{"web"}).ok());
  EXPECT_EQ(world.Decide("web", 0, EXIT_ACTION_RESTART).code(),
            absl::StatusCode::kNotFound);
  world.Pass(absl::Seconds(1));
  EXPECT_EQ(world.Alive("web").size(), 1u);
}

TEST(ExitTest, TheEmbeddingProgramDecidesWhatWasLeft) {
  Harness world;
  config::v1::Pool spec = TestSpec("web", 2);
  spec.mutable_restart()->set_on_external_signal(EXIT_ACTION_LEAVE);
  world.Start({spec});
  world.Die(world.Incumbent("web", 0), SIGKILL, 0);
  world.Die(world.Incumbent("web", 1), SIGKILL, 0);
  ASSERT_TRUE(world.Decide("web", 0, EXIT_ACTION_RESTART).ok());
  ASSERT_TRUE(world.Decide("web", 1, EXIT_ACTION_RESTART).ok());
  world.Pass(absl::Seconds(1));
  EXPECT_EQ(world.Serving("web"), 2u);
  EXPECT_EQ(world.Decide("web", 1, EXIT_ACTION_RESTART).code(),
            absl::StatusCode::kNotFound);
}

TEST(ApplyTest, PoolsComeAndGoAndTheOthersAreNotTouched) {
  Harness world;
  world.Start({TestSpec("a", 1), TestSpec("b", 1), TestSpec("c", 1)});
  Incarnation untouched = world.Incumbent("c", 0);
  Apply apply;
  apply.changes.push_back({PoolChangeKind::kRemove, TestSpec("a", 1)});
  apply.changes.push_back({PoolChangeKind::kScale, TestSpec("b", 3)});
  apply.changes.push_back({PoolChangeKind::kAdd, TestSpec("d", 2)});
  auto operation = world.Submit(apply);
  OperationView view = world.Operation(*operation);
  EXPECT_EQ(view.state, OperationState::kSucceeded);
  EXPECT_EQ(view.children.size(), 3u);
  EXPECT_FALSE(world.core().FindPool("a").has_value());
  EXPECT_EQ(world.Serving("b"), 3u);
  EXPECT_EQ(world.Serving("d"), 2u);
  EXPECT_EQ(world.Incumbent("c", 0), untouched);
}

// A scale by hand that follows is told from it by the applied count.
TEST(ApplyTest, TheSpecInForceHasTheCountThatWasApplied) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  Apply apply;
  apply.changes.push_back({PoolChangeKind::kUpdate, TestSpec("web", 4)});
  apply.changes.push_back({PoolChangeKind::kScale, TestSpec("web", 4)});
  ASSERT_TRUE(world.Submit(apply).ok());
  ASSERT_TRUE(world.Submit(Scale{"web", 3}).ok());
  EXPECT_EQ(world.core().FindPool("web")->spec->count(), 4u);
  EXPECT_EQ(world.core().FindPool("web")->count, 3u);
}

TEST(ApplyTest, ABusyPoolRefusesTheWhole) {
  Harness world;
  world.Start({TestSpec("a", 1), TestSpec("b", 1)});
  Behaviour hangs;
  hangs.starts = false;
  world.behave = InGeneration(2, hangs);
  ASSERT_TRUE(world.Submit(Reload{"b"}).ok());
  Apply apply;
  apply.changes.push_back({PoolChangeKind::kRemove, TestSpec("a", 1)});
  apply.changes.push_back({PoolChangeKind::kReload, TestSpec("b", 1)});
  EXPECT_EQ(world.Submit(apply).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(world.Serving("a"), 1u);
}

TEST(ApplyTest, AFailedPoolComesBackWithItsNewSpec) {
  Harness world;
  world.behave = [](const Identity&) { return FailsToStart(); };
  ASSERT_TRUE(world.Submit(AddPool(TestSpec("web", 2))).ok());
  world.behave = InGeneration(1, FailsToStart());
  Apply apply;
  apply.changes.push_back({PoolChangeKind::kReload, TestSpec("web", 3)});
  auto operation = world.Submit(apply);
  EXPECT_EQ(world.Operation(*operation).state, OperationState::kSucceeded);
  EXPECT_EQ(world.Serving("web"), 3u);
}

TEST(ShutdownTest, DrainsEverythingThenFinishes) {
  Harness world;
  world.Start({TestSpec("a", 2), TestSpec("b", 3)});
  ASSERT_TRUE(world.Submit(Shutdown{}).ok());
  EXPECT_EQ(world.exit_code(), 0);
  for (const WorkerExited& exited : world.exits()) {
    EXPECT_TRUE(exited.exit->clean());
  }
}

TEST(ShutdownTest, HardKillsAtOnce) {
  Harness world;
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.stops = behaviour.quits = behaviour.ends_on_term = false;
    return behaviour;
  };
  world.Start({TestSpec("a", 2)});
  ASSERT_TRUE(world.Submit(Shutdown{}).ok());
  EXPECT_EQ(world.exit_code(), -1);
  ASSERT_TRUE(world.Submit(Shutdown{Urgency::kHard}).ok());
  EXPECT_EQ(world.exit_code(), 0);
}

TEST(ShutdownTest, TheOverallDeadlineIsAFailureWithACode) {
  Options options;
  options.shutdown_timeout = absl::Seconds(5);
  Harness world(options);
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.stops = behaviour.quits = behaviour.ends_on_term = false;
    return behaviour;
  };
  world.Start({TestSpec("a", 1)});
  ASSERT_TRUE(world.Submit(Shutdown{}).ok());
  world.Pass(absl::Seconds(5));
  EXPECT_EQ(world.exit_code(), 4);
  EXPECT_EQ(world.exits().back().exit->cause, FailureReason::kDeadline);
}

TEST(ShutdownTest, CommandsAreRefusedMeanwhile) {
  Harness world;
  world.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.stops = false;
    return behaviour;
  };
  world.Start({TestSpec("a", 1)});
  ASSERT_TRUE(world.Submit(Shutdown{}).ok());
  EXPECT_EQ(RefusalOf(world.Submit(Scale{"a", 2}).status())->reason,
            "SHUTTING_DOWN");
}

TEST(ShutdownTest, WorksDuringAReload) {
  Harness world;
  world.Start({TestSpec("a", 3)});
  Behaviour hangs;
  hangs.starts = false;
  world.behave = InGeneration(2, hangs);
  auto reload = world.Submit(Reload{"a"});
  ASSERT_TRUE(world.Submit(Shutdown{}).ok());
  EXPECT_EQ(world.exit_code(), 0);
  EXPECT_EQ(world.Operation(*reload).state, OperationState::kCancelled);
}

TEST(RequestTest, RecycleIsGrantedAndReplacesStartFirst) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  Incarnation before = world.Incumbent("web", 0);
  worker::v1::ToSupervisor request;
  request.set_op(1);
  request.mutable_request()->set_kind(worker::v1::REQUEST_KIND_RECYCLE);
  world.Say(before, request);
  EXPECT_NE(world.Incumbent("web", 0), before);
  EXPECT_GE(world.least_serving("web"), 2u);
  EXPECT_EQ(world.core().Operations().front().caller, "worker web/0");
}

TEST(RequestTest, QuitLeavesTheSlotEmpty) {
  Harness world;
  world.Start({TestSpec("web", 2)});
  worker::v1::ToSupervisor request;
  request.set_op(1);
  request.mutable_request()->set_kind(worker::v1::REQUEST_KIND_QUIT);
  world.Say(world.Incumbent("web", 0), request);
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Serving("web"), 1u);
  EXPECT_EQ(world.core().FindWorker("web", 0)->vacancy, VacancyKind::kLeft);
}

}  // namespace
}  // namespace drover::core
