// The policies: what operators ask for first, each seen from outside the core.
#include <csignal>
#include <string>

#include "gtest/gtest.h"
#include "supervisor/core/testing/harness.h"

namespace drover::core {
namespace {

using config::v1::Pool;

void Set(google::protobuf::Duration* to, int64_t seconds) {
  to->set_seconds(seconds);
  to->set_nanos(0);
}

class PoliciesTest : public testing::Test {
 protected:
  OperationId Must(absl::StatusOr<OperationId> operation) {
    EXPECT_TRUE(operation.ok()) << operation.status();
    return operation.value_or(0);
  }

  OperationId Reload(const std::string& pool = "web") {
    return Must(world_.Submit(core::Reload{pool}));
  }

  OperationState StateOf(OperationId id) { return world_.Operation(id).state; }

  // A new spec comes with a new generation.
  OperationId Apply(const Pool& spec) {
    return Must(world_.Submit(
        core::Apply{.changes = {{PoolChangeKind::kReload, spec}}}));
  }

  PoolView View(const std::string& pool = "web") {
    return *world_.core().FindPool(pool);
  }

  Generation GenerationOf(uint32_t slot) {
    return world_.process(world_.Incumbent("web", slot)).id.generation;
  }

  // How the processes of generation 2 behave; the others do all that is asked.
  void SecondGeneration(Behaviour behaviour) {
    world_.behave = [behaviour](const Identity& id) {
      return id.generation == 2 ? behaviour : Behaviour{};
    };
  }

  Harness world_;
};

// Restart by exit reason ------------------------------------------------------

TEST_F(PoliciesTest, APermanentExitCodeLeavesTheSlotFailed) {
  Pool spec = TestSpec("web", 2);
  spec.mutable_restart()->add_permanent_exit_codes(78);
  world_.Start({spec});
  world_.Die(world_.Incumbent("web", 0), 0, 78);
  EXPECT_EQ(world_.exits().back().next,
            "left FAILED: its exit code is permanent");
  world_.Pass(absl::Hours(1));
  EXPECT_EQ(world_.Incumbent("web", 0), 0u);
  world_.Die(world_.Incumbent("web", 1), 0, 77);
  EXPECT_EQ(world_.exits().back().next, "restart in 100ms");
  // One command brings it back.
  Must(world_.Submit(StartPool{"web"}));
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(View().ready, 2u);
}

TEST_F(PoliciesTest, APermanentExitCodeDoesNotWeakenAStrongerPolicy) {
  Pool spec = TestSpec("web", 2);
  spec.mutable_restart()->add_permanent_exit_codes(78);
  spec.mutable_restart()->set_on_abnormal_exit(
      config::v1::EXIT_ACTION_STOP_POOL);
  world_.Start({spec});
  world_.Die(world_.Incumbent("web", 0), 0, 78);
  EXPECT_EQ(View().state, PoolState::kFailed);
}

// Backoff and intensity -------------------------------------------------------

TEST_F(PoliciesTest, AStormIsOneWakeUp) {
  Pool spec = TestSpec("web", 100);
  spec.mutable_restart()->mutable_backoff()->set_jitter(0.1);
  world_.Start({spec});
  for (uint32_t slot = 0; slot < 100; ++slot) {
    world_.Die(world_.Incumbent("web", slot), SIGKILL, 0);
  }
  int wake_ups = 0;
  while (View().ready < 100 && ++wake_ups < 100) {
    world_.Pass(world_.core().NextDeadline() - world_.now());
  }
  // A wait of 100 ms with 10 % of jitter spreads over less than a quarter.
  EXPECT_LE(wake_ups, 2);
}

TEST_F(PoliciesTest, AStartThatFailsInARunningPoolLeavesOnlyItsSlot) {
  Pool spec = TestSpec("web", 3);
  spec.mutable_restart()->set_on_abnormal_exit(config::v1::EXIT_ACTION_LEAVE);
  world_.Start({spec});
  world_.Die(world_.Incumbent("web", 1), 0, 1);
  Behaviour broken;
  broken.fails_to_start = true;
  world_.behave = [broken](const Identity&) { return broken; };
  OperationId start = Must(world_.Submit(StartPool{"web"}));
  EXPECT_EQ(StateOf(start), OperationState::kFailed);
  EXPECT_EQ(View().state, PoolState::kRunning);
  EXPECT_EQ(View().ready, 2u);
  EXPECT_EQ(world_.core().FindWorker("web", 1)->vacancy, VacancyKind::kLeft);
}

// Reload as a transaction -----------------------------------------------------

TEST_F(PoliciesTest, SurgeIsAPartOfThePool) {
  Pool spec = TestSpec("web", 10);
  spec.mutable_reload()->set_max_surge("25%");
  world_.Start({spec});
  world_.ResetExtremes();
  EXPECT_EQ(StateOf(Reload()), OperationState::kSucceeded);
  EXPECT_EQ(world_.most_alive("web"), 13u);
  EXPECT_EQ(world_.least_serving("web"), 10u);
}

TEST_F(PoliciesTest, WithoutSurgeWorkersEndFirstWithinTheFloor) {
  Pool spec = TestSpec("web", 4);
  spec.mutable_reload()->set_max_surge("0");
  spec.mutable_reload()->set_max_unavailable("50%");
  world_.Start({spec});
  world_.ResetExtremes();
  EXPECT_EQ(StateOf(Reload()), OperationState::kSucceeded);
  EXPECT_EQ(world_.most_alive("web"), 4u);
  EXPECT_EQ(world_.least_serving("web"), 2u);
  for (uint32_t slot = 0; slot < 4; ++slot) EXPECT_EQ(GenerationOf(slot), 2u);
}

TEST_F(PoliciesTest, StopFirstRollsBackToo) {
  Pool spec = TestSpec("web", 4);
  spec.mutable_reload()->set_max_surge("0");
  spec.mutable_reload()->set_max_unavailable("1");
  world_.Start({spec});
  Behaviour broken;
  broken.fails_to_start = true;
  SecondGeneration(broken);
  OperationId reload = Reload();
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf(reload), OperationState::kRolledBack);
  EXPECT_EQ(View().ready, 4u);
  for (uint32_t slot = 0; slot < 4; ++slot) EXPECT_EQ(GenerationOf(slot), 1u);
}

TEST_F(PoliciesTest, ACanaryBakesBeforeTheRest) {
  Pool spec = TestSpec("web", 4);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  world_.Start({spec});
  OperationId reload = Reload();
  EXPECT_EQ(StateOf(reload), OperationState::kRunning);
  EXPECT_EQ(GenerationOf(0), 2u);
  EXPECT_EQ(GenerationOf(1), 1u);
  EXPECT_EQ(View().bakes_until, world_.now() + absl::Seconds(30));
  world_.Pass(absl::Seconds(29));
  EXPECT_EQ(GenerationOf(1), 1u);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf(reload), OperationState::kSucceeded);
  EXPECT_EQ(GenerationOf(3), 2u);
}

TEST_F(PoliciesTest, ACanaryThatEndsRollsBack) {
  Pool spec = TestSpec("web", 4);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  world_.Start({spec});
  OperationId reload = Reload();
  world_.Pass(absl::Seconds(20));
  world_.Die(world_.Incumbent("web", 0), SIGSEGV, 0);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf(reload), OperationState::kRolledBack);
  EXPECT_EQ(GenerationOf(0), 1u);
  EXPECT_EQ(View().ready, 4u);
  EXPECT_EQ(View().generation, 1u);
}

TEST_F(PoliciesTest, CancelRollsBack) {
  Pool spec = TestSpec("web", 3);
  spec.mutable_reload()->mutable_canary()->set_workers(2);
  world_.Start({spec});
  world_.ResetExtremes();
  OperationId reload = Reload();
  ASSERT_TRUE(world_.Cancel(reload).ok());
  EXPECT_EQ(StateOf(reload), OperationState::kRolledBack);
  EXPECT_EQ(world_.Operation(reload).failure->reason,
            FailureReason::kCancelled);
  for (uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(GenerationOf(slot), 1u);
  EXPECT_EQ(world_.least_serving("web"), 3u);
}

TEST_F(PoliciesTest, WithoutProgressItRollsBack) {
  Pool spec = TestSpec("web", 2);
  Set(spec.mutable_reload()->mutable_progress_timeout(), 20);
  Set(spec.mutable_timeouts()->mutable_start(), 3600);
  world_.Start({spec});
  Behaviour hangs;
  hangs.starts = false;
  SecondGeneration(hangs);
  OperationId reload = Reload();
  world_.Pass(absl::Seconds(19));
  EXPECT_EQ(StateOf(reload), OperationState::kRunning);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf(reload), OperationState::kRolledBack);
  EXPECT_EQ(world_.Operation(reload).failure->reason, FailureReason::kDeadline);
  EXPECT_EQ(View().ready, 2u);
}

// The floor holds when an old worker crashes in the middle: the old one that
// would go is kept until its sibling is back.
TEST_F(PoliciesTest, ACrashOfAnOldWorkerHoldsTheOthersBack) {
  Pool spec = TestSpec("web", 3);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  Set(spec.mutable_reload()->mutable_min_ready_time(), 5);
  Set(spec.mutable_restart()->mutable_backoff()->mutable_initial(), 20);
  world_.Start({spec});
  const Incarnation old = world_.Incumbent("web", 0);
  OperationId reload = Reload();
  world_.Pass(absl::Seconds(4));
  world_.Die(world_.Incumbent("web", 2), SIGKILL, 0);
  world_.Pass(absl::Seconds(2));  // the canary has proven itself
  EXPECT_EQ(GenerationOf(0), 2u);
  EXPECT_TRUE(world_.process(old).serving);
  EXPECT_EQ(world_.Serving("web"), 3u);
  world_.Pass(absl::Seconds(20));  // the crashed one is back
  EXPECT_FALSE(world_.process(old).alive);
  world_.Pass(absl::Minutes(2));
  EXPECT_EQ(StateOf(reload), OperationState::kSucceeded);
}

TEST_F(PoliciesTest, ARollBackTakesAHeldWorkerBack) {
  Pool spec = TestSpec("web", 3);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  Set(spec.mutable_restart()->mutable_backoff()->mutable_initial(), 20);
  Set(spec.mutable_reload()->mutable_min_ready_time(), 5);
  world_.Start({spec});
  const Incarnation old = world_.Incumbent("web", 0);
  OperationId reload = Reload();
  world_.Die(world_.Incumbent("web", 2), SIGKILL, 0);
  world_.Pass(absl::Seconds(6));
  ASSERT_TRUE(world_.process(old).serving);
  ASSERT_TRUE(world_.Cancel(reload).ok());
  EXPECT_EQ(world_.Incumbent("web", 0), old);
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(StateOf(reload), OperationState::kRolledBack);
  EXPECT_TRUE(world_.process(old).serving);
  EXPECT_EQ(View().ready, 3u);
}

TEST_F(PoliciesTest, EmptySlotsComeFirst) {
  Pool spec = TestSpec("web", 3);
  spec.mutable_restart()->set_on_abnormal_exit(config::v1::EXIT_ACTION_LEAVE);
  world_.Start({spec});
  world_.Die(world_.Incumbent("web", 2), 0, 1);
  world_.ResetExtremes();
  EXPECT_EQ(StateOf(Reload()), OperationState::kSucceeded);
  EXPECT_EQ(View().ready, 3u);
  EXPECT_EQ(world_.most_alive("web"), 4u);
}

// Lame duck -------------------------------------------------------------------

TEST_F(PoliciesTest, ALameDuckServesUntilItsTimeIsOver) {
  Pool spec = TestSpec("web", 1);
  Set(spec.mutable_timeouts()->mutable_lame_duck(), 15);
  world_.Start({spec});
  const Incarnation old = world_.Incumbent("web", 0);
  OperationId reload = Reload();
  EXPECT_TRUE(world_.process(old).heard.back().has_lame_duck());
  EXPECT_EQ(world_.process(old).heard.back().lame_duck().stop_in_ms(), 15000u);
  EXPECT_TRUE(world_.process(old).serving);
  world_.Pass(absl::Seconds(14));
  EXPECT_EQ(StateOf(reload), OperationState::kRunning);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf(reload), OperationState::kSucceeded);
  EXPECT_FALSE(world_.process(old).alive);
}

// In place --------------------------------------------------------------------

TEST_F(PoliciesTest, InPlaceEveryWorkerReloadsInTurn) {
  world_.Start({TestSpec("web", 3)});
  OperationId reload = Must(world_.Submit(core::Reload{"web", true}));
  EXPECT_EQ(StateOf(reload), OperationState::kSucceeded);
  EXPECT_EQ(world_.Operation(reload).done, 3u);
  EXPECT_EQ(world_.processes().size(), 3u);
  EXPECT_EQ(View().generation, 1u);
}

TEST_F(PoliciesTest, InPlaceTheFirstThatCannotEndsIt) {
  world_.behave = [](const Identity& id) {
    Behaviour behaviour;
    behaviour.fails_to_reload = id.slot == 1;
    return behaviour;
  };
  world_.Start({TestSpec("web", 3)});
  OperationId reload = Must(world_.Submit(core::Reload{"web", true}));
  OperationView view = world_.Operation(reload);
  EXPECT_EQ(view.state, OperationState::kFailed);
  EXPECT_EQ(view.failure->message,
            "web/1 did not reload: line 3: no such route; the new "
            "configuration is in force in slots 0 alone");
  EXPECT_FALSE(
      world_.process(world_.Incumbent("web", 2)).heard.back().has_reload());
  EXPECT_EQ(View().ready, 3u);
}

TEST_F(PoliciesTest, InPlaceSilenceIsAFailureButNotTheWorkersEnd) {
  world_.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.answers_reload = false;
    return behaviour;
  };
  world_.Start({TestSpec("web", 1)});
  OperationId reload = Must(world_.Submit(core::Reload{"web", true}));
  world_.Pass(absl::Seconds(30));
  EXPECT_EQ(StateOf(reload), OperationState::kRunning);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf(reload), OperationState::kFailed);
  EXPECT_EQ(world_.Operation(reload).failure->reason, FailureReason::kDeadline);
  EXPECT_EQ(View().ready, 1u);
  // An answer that comes too late is stale.
  worker::v1::ToSupervisor late;
  late.set_re(2);
  late.mutable_result()->set_code(worker::v1::RESULT_CODE_OK);
  world_.Say(world_.Incumbent("web", 0), late);
  EXPECT_EQ(View().ready, 1u);
}

TEST_F(PoliciesTest, InPlaceNeedsTheCapability) {
  world_.behave = [](const Identity& id) {
    Behaviour behaviour;
    if (id.slot == 1) behaviour.capabilities = {};
    return behaviour;
  };
  world_.Start({TestSpec("web", 2)});
  absl::Status refused = world_.Submit(core::Reload{"web", true}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(RefusalOf(refused)->reason, "NO_CAPABILITY");
  EXPECT_NE(refused.message().find("web/1"), std::string::npos);
}

TEST_F(PoliciesTest, InPlaceAWorkerThatEndsFailsIt) {
  world_.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.answers_reload = false;
    return behaviour;
  };
  world_.Start({TestSpec("web", 2)});
  OperationId reload = Must(world_.Submit(core::Reload{"web", true}));
  world_.Die(world_.Incumbent("web", 0), SIGSEGV, 0);
  EXPECT_EQ(StateOf(reload), OperationState::kFailed);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(View().ready, 2u);
}

// Scaling ---------------------------------------------------------------------

TEST_F(PoliciesTest, ScaleUpDuringAReloadActsAtOnce) {
  Pool spec = TestSpec("web", 2);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  world_.Start({spec});
  OperationId reload = Reload();
  OperationId scale = Must(world_.Submit(Scale{"web", 4}));
  EXPECT_EQ(StateOf(scale), OperationState::kSucceeded);
  EXPECT_EQ(View().ready, 4u);
  EXPECT_EQ(GenerationOf(3), 2u);
  world_.Pass(absl::Seconds(30));
  EXPECT_EQ(StateOf(reload), OperationState::kSucceeded);
  for (uint32_t slot = 0; slot < 4; ++slot) EXPECT_EQ(GenerationOf(slot), 2u);
}

TEST_F(PoliciesTest, ScaleDownDuringAReloadActsAtOnce) {
  Pool spec = TestSpec("web", 4);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  world_.Start({spec});
  OperationId reload = Reload();
  OperationId scale = Must(world_.Submit(Scale{"web", 2}));
  EXPECT_EQ(StateOf(scale), OperationState::kSucceeded);
  EXPECT_EQ(world_.Alive("web").size(), 2u);
  world_.Pass(absl::Seconds(30));
  EXPECT_EQ(StateOf(reload), OperationState::kSucceeded);
  EXPECT_EQ(View().count, 2u);
}

TEST_F(PoliciesTest, WhatAScaleAddedIsRolledBackWithTheRest) {
  Pool spec = TestSpec("web", 2);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  world_.Start({spec});
  OperationId reload = Reload();
  OperationId scale = Must(world_.Submit(Scale{"web", 3}));
  ASSERT_TRUE(world_.Cancel(reload).ok());
  EXPECT_EQ(StateOf(reload), OperationState::kRolledBack);
  EXPECT_EQ(StateOf(scale), OperationState::kSucceeded);
  EXPECT_EQ(View().count, 3u);
  for (uint32_t slot = 0; slot < 3; ++slot) EXPECT_EQ(GenerationOf(slot), 1u);
}

// The new generation is on trial, whoever asked for a process of it.
TEST_F(PoliciesTest, AScalesBrokenWorkerFailsTheReloadNotTheScale) {
  Pool spec = TestSpec("web", 2);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  world_.Start({spec});
  OperationId reload = Reload();
  Behaviour broken;
  broken.fails_to_start = true;
  SecondGeneration(broken);
  OperationId scale = Must(world_.Submit(Scale{"web", 3}));
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf(reload), OperationState::kRolledBack);
  EXPECT_EQ(StateOf(scale), OperationState::kSucceeded);
  EXPECT_EQ(View().ready, 3u);
}

TEST_F(PoliciesTest, BesideAReloadNothingButAScaleRuns) {
  Pool spec = TestSpec("web", 2);
  spec.mutable_reload()->mutable_canary()->set_workers(1);
  world_.Start({spec});
  Reload();
  for (const Command& command :
       {Command(core::Reload{"web"}), Command(RestartWorker{"web", 0}),
        Command(StopPool{"web"})}) {
    EXPECT_EQ(world_.Submit(command).status().code(),
              absl::StatusCode::kAborted);
  }
}

// Shutdown --------------------------------------------------------------------

class UrgencyTest : public PoliciesTest {
 protected:
  // Two workers that never finish their drain.
  void Begin() {
    world_.behave = [](const Identity&) {
      Behaviour behaviour;
      behaviour.stops = false;
      return behaviour;
    };
    Pool spec = TestSpec("web", 2);
    Set(spec.mutable_timeouts()->mutable_lame_duck(), 5);
    world_.Start({spec});
  }
};

TEST_F(UrgencyTest, TheSecondIsFasterTheThirdIsHard) {
  world_.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.stops = false;
    behaviour.quits = false;
    behaviour.ends_on_term = false;
    return behaviour;
  };
  world_.Start({TestSpec("web", 2)});
  const Incarnation one = world_.Incumbent("web", 0);
  Must(world_.Submit(Shutdown{}));
  EXPECT_TRUE(world_.process(one).heard.back().has_stop());
  Must(world_.Submit(Shutdown{Urgency::kFast}));
  EXPECT_TRUE(world_.process(one).heard.back().has_quit());
  EXPECT_TRUE(world_.process(one).signals.empty());
  Must(world_.Submit(Shutdown{Urgency::kHard}));
  EXPECT_EQ(world_.process(one).signals.back(), SIGKILL);
  EXPECT_EQ(world_.exit_code(), 0);
}

TEST_F(UrgencyTest, FastSparesTheLameDuckAndTheDrain) {
  Begin();
  Must(world_.Submit(Shutdown{Urgency::kFast}));
  EXPECT_EQ(world_.exit_code(), 0);
}

TEST_F(UrgencyTest, ItNeverBecomesLessUrgent) {
  Begin();
  Must(world_.Submit(Shutdown{Urgency::kFast}));
  Must(world_.Submit(Shutdown{}));
  EXPECT_EQ(world_.exit_code(), 0);
}

// Liveness --------------------------------------------------------------------

class LadderTest : public PoliciesTest {
 protected:
  Pool Deaf() {
    world_.behave = [](const Identity&) {
      Behaviour behaviour;
      behaviour.answers_ping = false;
      behaviour.ends_on_term = false;
      return behaviour;
    };
    Pool spec = TestSpec("web", 1);
    Set(spec.mutable_heartbeat()->mutable_interval(), 1);
    return spec;
  }
};

TEST_F(LadderTest, EachStepHasItsTime) {
  Pool spec = Deaf();
  spec.mutable_heartbeat()->set_dump_signal(config::v1::DUMP_SIGNAL_SIGQUIT);
  spec.mutable_heartbeat()->set_abort(true);
  world_.Start({spec});
  const Incarnation one = world_.Incumbent("web", 0);
  auto signals = [&] { return world_.process(one).signals; };
  world_.Pass(absl::Seconds(11));  // Ping, and no Pong
  EXPECT_EQ(signals(), (std::vector<int>{SIGQUIT, SIGCONT}));
  world_.Pass(absl::Seconds(2));
  EXPECT_EQ(signals().at(2), SIGABRT);
  world_.Pass(absl::Seconds(9));
  EXPECT_EQ(signals().size(), 4u);
  world_.Pass(absl::Seconds(1));
  EXPECT_EQ(signals().at(4), SIGTERM);
  world_.Pass(absl::Seconds(5));
  EXPECT_EQ(signals().back(), SIGKILL);
  EXPECT_EQ(world_.exits().back().exit->cause, FailureReason::kUnresponsive);
}

TEST_F(LadderTest, WithoutExtrasItBeginsWithTerm) {
  world_.Start({Deaf()});
  const Incarnation one = world_.Incumbent("web", 0);
  world_.Pass(absl::Seconds(11));
  EXPECT_EQ(world_.process(one).signals, (std::vector<int>{SIGTERM, SIGCONT}));
}

TEST_F(LadderTest, AStoppedProcessIsToleratedUntilSomeoneWantsItToGo) {
  Pool spec = Deaf();
  spec.mutable_heartbeat()->set_on_sigstop(config::v1::SIGSTOP_ACTION_TOLERATE);
  world_.Start({spec});
  const Incarnation one = world_.Incumbent("web", 0);
  world_.Fact(ProcessStopped{one});
  EXPECT_TRUE(world_.core().FindWorker("web", 0)->process_stopped);
  world_.Pass(absl::Hours(1));
  EXPECT_TRUE(world_.process(one).signals.empty());
  // Continued, it has its time again.
  world_.Fact(ProcessContinued{one});
  world_.Pass(absl::Seconds(5));
  EXPECT_TRUE(world_.process(one).signals.empty());
  world_.Fact(ProcessStopped{one});
  Must(world_.Submit(Shutdown{}));
  EXPECT_FALSE(world_.process(one).alive);
}

TEST_F(LadderTest, AStoppedProcessIsContinuedByPolicy) {
  Pool spec = Deaf();
  spec.mutable_heartbeat()->set_on_sigstop(config::v1::SIGSTOP_ACTION_CONTINUE);
  world_.Start({spec});
  const Incarnation one = world_.Incumbent("web", 0);
  world_.Fact(ProcessStopped{one});
  EXPECT_EQ(world_.process(one).signals, (std::vector<int>{SIGCONT}));
}

TEST_F(LadderTest, AStoppedProcessIsEndedByDefault) {
  world_.Start({Deaf()});
  const Incarnation one = world_.Incumbent("web", 0);
  world_.Fact(ProcessStopped{one});
  world_.Pass(absl::Seconds(11));
  EXPECT_EQ(world_.process(one).signals.at(0), SIGTERM);
}

// A supervisor that was suspended ends nobody for what it missed.
TEST_F(LadderTest, APauseOfTheSupervisorCountsAgainstNobody) {
  Pool spec = TestSpec("web", 50);
  Set(spec.mutable_heartbeat()->mutable_interval(), 1);
  world_.behave = [](const Identity&) {
    Behaviour behaviour;
    behaviour.answers_ping = false;
    return behaviour;
  };
  world_.Start({spec});
  world_.Pass(absl::Seconds(1));
  Effects effects;
  world_.core().Handle(TimePassed{}, world_.now() + absl::Minutes(10),
                       &effects);
  for (const Effect& effect : effects) {
    EXPECT_FALSE(std::holds_alternative<Signal>(effect));
  }
}

// Order -----------------------------------------------------------------------

class OrderTest : public PoliciesTest {
 protected:
  static Pool After(const std::string& name, const std::string& before) {
    Pool spec = TestSpec(name, 1);
    spec.add_after(before);
    return spec;
  }

  // Every start and end of a process, in order: "+db", "-db".
  void Follow() {
    world_.on_notice = [this](const Notice& notice) {
      if (const auto* changed = std::get_if<WorkerChanged>(&notice)) {
        if (changed->state == WorkerState::kStarted) {
          order_ += "+" + changed->worker.pool;
        }
      } else if (const auto* exited = std::get_if<WorkerExited>(&notice)) {
        order_ += "-" + exited->exit->worker.pool;
      }
    };
  }

  std::string order_;
};

TEST_F(OrderTest, PoolsStartAfterOthersAndStopBeforeThem) {
  Follow();
  world_.Start({After("web", "api"), After("api", "db"), TestSpec("db", 1)});
  EXPECT_EQ(order_, "+db+api+web");
  order_.clear();
  Must(world_.Submit(Shutdown{}));
  EXPECT_EQ(order_, "-web-api-db");
  EXPECT_EQ(world_.exit_code(), 0);
}

TEST_F(OrderTest, WhatIsRemovedTogetherGoesInOrder) {
  world_.Start({TestSpec("db", 1), After("web", "db"), TestSpec("other", 1)});
  Follow();
  OperationId apply = Must(world_.Submit(
      core::Apply{.changes = {{PoolChangeKind::kRemove, TestSpec("db", 1)},
                              {PoolChangeKind::kRemove, TestSpec("web", 1)}}}));
  EXPECT_EQ(order_, "-web-db");
  EXPECT_EQ(StateOf(apply), OperationState::kSucceeded);
}

TEST_F(OrderTest, AHardShutdownKnowsNoOrder) {
  world_.Start({TestSpec("db", 1), After("web", "db")});
  Follow();
  Must(world_.Submit(Shutdown{Urgency::kHard}));
  EXPECT_EQ(order_, "-db-web");
}

TEST_F(OrderTest, AStartSaysWhatItWaitsFor) {
  world_.behave = [](const Identity& id) {
    Behaviour behaviour;
    behaviour.starts = id.pool != "db";
    return behaviour;
  };
  OperationId apply = Must(world_.Submit(
      core::Apply{.changes = {{PoolChangeKind::kAdd, After("web", "db")},
                              {PoolChangeKind::kAdd, TestSpec("db", 1)}}}));
  EXPECT_EQ(View("web").state, PoolState::kWaiting);
  bool told = false;
  for (const WaitingView& waiting : world_.Operation(apply).waiting) {
    told |= waiting.what == "pool db to be RUNNING";
  }
  EXPECT_TRUE(told);
  EXPECT_TRUE(world_.Alive("web").empty());
}

TEST_F(OrderTest, APredecessorThatFailsFailsTheStart) {
  world_.behave = [](const Identity& id) {
    Behaviour behaviour;
    behaviour.fails_to_start = id.pool == "db";
    return behaviour;
  };
  OperationId apply = Must(world_.Submit(
      core::Apply{.changes = {{PoolChangeKind::kAdd, After("web", "db")},
                              {PoolChangeKind::kAdd, TestSpec("db", 1)}}}));
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(StateOf(apply), OperationState::kFailed);
  EXPECT_EQ(View("web").state, PoolState::kFailed);
  EXPECT_EQ(View("web").failure->reason, FailureReason::kOrder);
  // Mended, both start by one command each.
  world_.behave = [](const Identity&) { return Behaviour{}; };
  EXPECT_EQ(world_.Submit(StartPool{"web"}).status(), absl::OkStatus());
  EXPECT_EQ(View("web").state, PoolState::kFailed);
  Must(world_.Submit(StartPool{"db"}));
  Must(world_.Submit(StartPool{"web"}));
  EXPECT_EQ(View("web").state, PoolState::kRunning);
}

TEST_F(OrderTest, AnEssentialPoolTakesTheSupervisorDown) {
  Pool spec = TestSpec("db", 1);
  spec.set_essential(true);
  spec.mutable_restart()->set_on_external_signal(
      config::v1::EXIT_ACTION_STOP_POOL);
  world_.Start({spec, TestSpec("web", 1)});
  world_.Die(world_.Incumbent("db", 0), SIGKILL, 0);
  EXPECT_EQ(world_.exit_code(), 5);
}

TEST_F(OrderTest, AnotherPoolThatFailsDoesNot) {
  Pool spec = TestSpec("db", 1);
  spec.mutable_restart()->set_on_external_signal(
      config::v1::EXIT_ACTION_STOP_POOL);
  world_.Start({spec, TestSpec("web", 1)});
  world_.Die(world_.Incumbent("db", 0), SIGKILL, 0);
  EXPECT_EQ(world_.exit_code(), -1);
}

}  // namespace
}  // namespace drover::core
