// One process against the supervisor: deadlines, escalation, violations.
#include <csignal>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "supervisor/core/testing/harness.h"

namespace drover::core {
namespace {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

// A pool of one whose process behaves so; what it left behind stays FAILED, so
// that each test sees one life.
class OneWorker : public testing::Test {
 protected:
  void Begin(Behaviour behaviour, absl::Duration heartbeat = {}) {
    world_.behave = [=](const Identity&) { return behaviour; };
    config::v1::Pool spec = TestSpec("web", 1);
    auto* restart = spec.mutable_restart();
    restart->set_on_external_signal(config::v1::EXIT_ACTION_LEAVE);
    restart->set_on_abnormal_exit(config::v1::EXIT_ACTION_LEAVE);
    restart->set_on_unresponsive(config::v1::EXIT_ACTION_LEAVE);
    spec.mutable_heartbeat()->mutable_interval()->set_seconds(
        absl::ToInt64Seconds(heartbeat));
    Apply apply;
    apply.changes.push_back({PoolChangeKind::kAdd, spec});
    ASSERT_TRUE(world_.Submit(apply).ok());
  }

  WorkerState state() { return world_.core().FindWorker("web", 0)->state; }
  const Harness::Process& process() { return world_.process(1); }
  // The end of the first process.
  const Exit& exit() { return *world_.exits().at(0).exit; }
  void Say(ToSupervisor message) { world_.Say(1, std::move(message)); }

  ToSupervisor Report(uint64_t re, worker::v1::State state) {
    ToSupervisor message;
    message.set_re(re);
    message.mutable_state()->set_state(state);
    return message;
  }

  void ExpectViolation(absl::string_view text) {
    ASSERT_EQ(world_.exits().size(), 1u);
    EXPECT_EQ(exit().cause, FailureReason::kViolation);
    EXPECT_EQ(exit().text, text);
    EXPECT_TRUE(exit().by_supervisor);
    EXPECT_TRUE(process().heard.back().has_protocol_error());
  }

  Harness world_;
};

TEST_F(OneWorker, HearsNothingBeforeItsHello) {
  Behaviour mute;
  mute.says_hello = false;
  Begin(mute);
  world_.Pass(absl::Milliseconds(9999));
  EXPECT_TRUE(process().heard.empty());
  world_.Pass(absl::Milliseconds(1));
  EXPECT_EQ(exit().cause, FailureReason::kHelloTimeout);
  EXPECT_EQ(process().signals, (std::vector<int>{SIGTERM, SIGCONT}));
}

TEST_F(OneWorker, WelcomeHasIdentityTimeoutsAndCommonCapabilities) {
  Behaviour behaviour;
  behaviour.capabilities = {worker::v1::CAPABILITY_RESUME, 70000,
                            worker::v1::CAPABILITY_RELOAD};
  Begin(behaviour);
  const worker::v1::Welcome& welcome = process().heard.at(0).welcome();
  EXPECT_EQ(welcome.identity().pool(), "web");
  EXPECT_EQ(welcome.identity().incarnation(), 1u);
  EXPECT_EQ(welcome.timeouts().stop_ms(), 30000u);
  ASSERT_EQ(welcome.capabilities_size(), 2);
  EXPECT_EQ(welcome.capabilities(0), worker::v1::CAPABILITY_RESUME);
  EXPECT_EQ(welcome.capabilities(1), worker::v1::CAPABILITY_RELOAD);
  EXPECT_TRUE(process().heard.at(1).has_start());
}

TEST_F(OneWorker, AnotherMajorIsRefusedWithWords) {
  Behaviour mute;
  mute.says_hello = false;
  Begin(mute);
  ToSupervisor hello;
  hello.mutable_hello()->set_major(2);
  Say(hello);
  EXPECT_EQ(exit().cause, FailureReason::kUnsupportedVersion);
  EXPECT_EQ(exit().text,
            "it speaks major 2 of the protocol, the supervisor speaks 1");
}

TEST_F(OneWorker, ChannelClosedByAWrapperIsDiagnosed) {
  Behaviour mute;
  mute.says_hello = false;
  Begin(mute);
  world_.Fact(ChannelClosed{1});
  world_.Pass(absl::Seconds(2));
  EXPECT_EQ(exit().cause, FailureReason::kChannelLost);
  EXPECT_NE(exit().text.find("npm"), std::string::npos) << exit().text;
}

TEST_F(OneWorker, ClosingTheChannelAndLivingOnIsEnded) {
  Begin({});
  world_.Fact(ChannelClosed{1});
  world_.Pass(absl::Milliseconds(1999));
  EXPECT_TRUE(process().alive);
  world_.Pass(absl::Milliseconds(1));
  EXPECT_EQ(exit().cause, FailureReason::kChannelLost);
}

TEST_F(OneWorker, ACrashIsNotBlamedOnTheChannelItClosed) {
  Begin({});
  world_.Die(1, SIGSEGV, 0);
  EXPECT_EQ(exit().cause, FailureReason::kExited);
  EXPECT_EQ(Describe(exit()), "killed by SIGSEGV");
}

TEST_F(OneWorker, EscalatesFromStopToKill) {
  Behaviour stubborn;
  stubborn.stops = stubborn.quits = stubborn.ends_on_term = false;
  Begin(stubborn);
  ASSERT_TRUE(world_.Submit(Shutdown{}).ok());
  EXPECT_EQ(state(), WorkerState::kStopping);
  world_.Pass(absl::Milliseconds(30500));
  EXPECT_EQ(state(), WorkerState::kShuttingDown);
  EXPECT_TRUE(process().heard.back().has_quit());
  world_.Pass(absl::Milliseconds(10500));
  EXPECT_EQ(state(), WorkerState::kFailed);
  // A stopped process acts on TERM only when it is continued.
  EXPECT_EQ(process().signals, (std::vector<int>{SIGTERM, SIGCONT}));
  world_.Pass(absl::Seconds(5));
  EXPECT_EQ(process().signals.back(), SIGKILL);
  EXPECT_EQ(world_.exit_code(), 0);
  // The first cause wins.
  EXPECT_EQ(exit().cause, FailureReason::kStopTimeout);
  EXPECT_TRUE(exit().by_supervisor);
  EXPECT_TRUE(exit().due);
}

TEST_F(OneWorker, AnUninterruptibleProcessKeepsItsSlotAndIsShown) {
  Behaviour stuck;
  stuck.stops = stuck.quits = stuck.ends_on_term = stuck.ends_on_kill = false;
  Begin(stuck);
  ASSERT_TRUE(world_.Submit(Shutdown{Urgency::kHard}).ok());
  world_.Pass(absl::Minutes(1));
  EXPECT_EQ(world_.exit_code(), -1);
  EXPECT_EQ(world_.core().FindWorker("web", 0)->status_text,
            "does not end although it was killed");
  world_.Die(1, SIGKILL, 0);
  EXPECT_EQ(world_.exit_code(), 0);
}

TEST_F(OneWorker, MissingPongIsUnresponsive) {
  Behaviour deaf;
  deaf.answers_ping = false;
  Begin(deaf, absl::Seconds(3));
  world_.Pass(absl::Seconds(3));
  EXPECT_TRUE(process().heard.back().has_ping());
  world_.Pass(absl::Seconds(10));
  EXPECT_EQ(exit().cause, FailureReason::kUnresponsive);
  EXPECT_EQ(exit().text, "no Pong within 10s");
}

TEST_F(OneWorker, PingsWhileItAnswersOneAtATime) {
  Begin({}, absl::Seconds(1));
  world_.Pass(absl::Seconds(10));
  EXPECT_TRUE(process().alive);
  uint64_t pings = 0;
  for (const ToWorker& heard : process().heard) {
    if (!heard.has_ping()) continue;
    EXPECT_EQ(heard.ping().id(), ++pings);
  }
  EXPECT_EQ(pings, 10u);
}

TEST_F(OneWorker, IsNotBlamedForAPauseOfTheSupervisor) {
  Behaviour deaf;
  deaf.answers_ping = false;
  Begin(deaf, absl::Seconds(1));
  world_.Pass(absl::Seconds(1));
  Effects effects;
  absl::Time late = world_.now() + absl::Minutes(1);
  world_.core().Handle(TimePassed{}, late, &effects);
  EXPECT_EQ(state(), WorkerState::kStarted);
  // Its time runs once more, from then on.
  EXPECT_EQ(world_.core().NextDeadline(), late + absl::Seconds(10));
}

TEST_F(OneWorker, ProgressOfASupersededStartDoesNotExtendTheStop) {
  Behaviour slow;
  slow.starts = false;
  slow.stops = false;
  Begin(slow);                                  // Start, op 1
  ASSERT_TRUE(world_.Submit(Shutdown{}).ok());  // Stop, op 2
  const absl::Time before = world_.core().NextDeadline();
  ToSupervisor late;
  late.set_re(1);
  late.mutable_progress()->set_extend_ms(60000);
  Say(late);
  EXPECT_EQ(world_.core().NextDeadline(), before);
}

TEST_F(OneWorker, AUserMessageWithAnOddTopicIsAnsweredFailed) {
  Begin({});
  ToSupervisor message;
  message.set_op(5);
  message.mutable_user_message()->set_topic("No Topic");
  Say(message);
  EXPECT_EQ(process().heard.back().re(), 5u);
  EXPECT_EQ(process().heard.back().result().code(),
            worker::v1::RESULT_CODE_FAILED);
}

TEST_F(OneWorker, ProgressExtendsUpToTheCap) {
  Behaviour slow;
  slow.starts = false;
  Begin(slow);
  ToSupervisor progress;
  progress.mutable_progress()->set_extend_ms(50000);
  for (int i = 0; i < 20; ++i) {
    world_.Pass(absl::Seconds(40));
    if (world_.exits().empty()) Say(progress);
  }
  // 60 s + 500 ms + 5 min in all.
  ASSERT_EQ(world_.exits().size(), 1u);
  EXPECT_EQ(exit().cause, FailureReason::kStartTimeout);
  EXPECT_EQ(exit().text, "not STARTED within 6m0.5s");
}

TEST_F(OneWorker, StaleAnswersAreIgnored) {
  Behaviour slow;
  slow.starts = false;
  slow.stops = false;
  Begin(slow);
  ASSERT_TRUE(world_.Submit(Shutdown{}).ok());  // Quit, op 2
  Say(Report(1, worker::v1::STATE_STARTED));
  EXPECT_TRUE(world_.exits().at(0).exit->clean());
}

TEST_F(OneWorker, StartedAfterStopIsStaleAndNotAViolation) {
  Behaviour slow;
  slow.stops = false;
  Begin(slow);
  ASSERT_TRUE(world_.Submit(StopPool{"web"}).ok());  // Stop is op 2
  Say(Report(1, worker::v1::STATE_STARTED));
  EXPECT_EQ(state(), WorkerState::kStopping);
  Say(Report(2, worker::v1::STATE_STOPPED));
  EXPECT_EQ(state(), WorkerState::kStopped);
}

TEST_F(OneWorker, AnOpThatWasNeverIssuedIsAViolation) {
  Begin({});
  Say(Report(9, worker::v1::STATE_STARTED));
  ExpectViolation("STARTED is not allowed in STARTED");
}

TEST_F(OneWorker, ASecondHelloIsAViolation) {
  Begin({});
  ToSupervisor hello;
  hello.mutable_hello()->set_major(1);
  Say(hello);
  ExpectViolation("Hello is not allowed in STARTED");
}

TEST_F(OneWorker, APongFromTheFutureIsAViolation) {
  Begin({});
  ToSupervisor pong;
  pong.mutable_pong()->set_id(7);
  Say(pong);
  ExpectViolation("Pong 7 without its Ping");
}

TEST_F(OneWorker, AFloodIsAViolation) {
  Begin({});
  ToSupervisor gauges;
  gauges.mutable_gauges();
  for (int i = 0; i < 1200 && world_.exits().empty(); ++i) Say(gauges);
  ExpectViolation("more than 1000 frames in one second");
}

TEST_F(OneWorker, GarbageIsAViolationWithItsWords) {
  Begin({});
  world_.Fact(FrameRejected{1, worker::v1::PROTOCOL_ERROR_CODE_FRAME_SIZE,
                            "frame of length 0"});
  ExpectViolation("frame of length 0");
}

TEST_F(OneWorker, UnknownBodiesAreAnsweredOnlyWhereAnAnswerIsWanted) {
  Begin({});
  size_t heard = process().heard.size();
  Say(ToSupervisor());
  EXPECT_EQ(process().heard.size(), heard);
  ToSupervisor wants;
  wants.set_op(5);
  Say(wants);
  ASSERT_EQ(process().heard.size(), heard + 1);
  EXPECT_EQ(process().heard.back().re(), 5u);
  EXPECT_EQ(process().heard.back().result().code(),
            worker::v1::RESULT_CODE_UNIMPLEMENTED);
  ToSupervisor answers;
  answers.set_op(6);
  answers.set_re(1);
  Say(answers);
  EXPECT_EQ(process().heard.size(), heard + 1);
}

TEST_F(OneWorker, FatalWordsAreKeptAndItsExitIsAwaited) {
  Begin({});
  ToSupervisor fatal;
  fatal.mutable_fatal()->set_text("out of file descriptors");
  Say(fatal);
  EXPECT_EQ(state(), WorkerState::kFailed);
  EXPECT_TRUE(process().signals.empty());
  world_.Die(1, 0, 70);
  EXPECT_EQ(exit().cause, FailureReason::kWorkerFailed);
  EXPECT_EQ(exit().last_words, "out of file descriptors");
}

TEST_F(OneWorker, AWorkerThatReadsNothingIsEnded) {
  Begin({});
  world_.Fact(QueueOverflowed{1});
  EXPECT_EQ(exit().cause, FailureReason::kQueueFull);
}

TEST_F(OneWorker, TextsAreCutAtACodePoint) {
  Begin({});
  ToSupervisor report = Report(0, worker::v1::STATE_STARTED);
  report.mutable_state()->set_text(std::string(255, 'x') + "\xc3\xa9");
  Say(report);
  EXPECT_EQ(world_.core().FindWorker("web", 0)->status_text,
            std::string(255, 'x'));
}

TEST_F(OneWorker, GoingByItselfIsNotDueButHasItsTime) {
  Begin({});
  Say(Report(0, worker::v1::STATE_SHUTTING_DOWN));
  EXPECT_EQ(state(), WorkerState::kShuttingDown);
  EXPECT_TRUE(process().signals.empty());
  world_.Die(1, 0, 0);
  EXPECT_FALSE(exit().due);
}

TEST_F(OneWorker, ARequestWithoutItsCapabilityIsUnimplemented) {
  Behaviour plain;
  plain.capabilities.clear();
  Begin(plain);
  ToSupervisor request;
  request.set_op(3);
  request.mutable_request()->set_kind(worker::v1::REQUEST_KIND_RECYCLE);
  Say(request);
  EXPECT_EQ(process().heard.back().re(), 3u);
  EXPECT_EQ(process().heard.back().result().code(),
            worker::v1::RESULT_CODE_UNIMPLEMENTED);
}

TEST_F(OneWorker, UserMessagesGoBothWays) {
  Begin({});
  Effects effects;
  ASSERT_TRUE(
      world_.core().SendUserMessage("web", 0, "news", "hi", &effects).ok());
  ASSERT_EQ(effects.size(), 1u);
  EXPECT_EQ(std::get<Send>(effects[0]).message.user_message().payload(), "hi");
  EXPECT_EQ(world_.core().SendUserMessage("web", 0, "", "hi", &effects).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace drover::core
