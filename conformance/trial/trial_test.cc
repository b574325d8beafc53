#include <signal.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "conformance/trial/descendants.h"
#include "conformance/trial/process.h"
#include "conformance/trial/run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover::conformance {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

std::vector<record::Case> RunAll(const Plan& plan,
                                 std::vector<TrialBody> bodies,
                                 int parallel = 4) {
  std::vector<TrialRequest> requests;
  for (TrialBody& body : bodies) requests.push_back({&plan, std::move(body)});
  std::vector<record::Case> results(requests.size());
  RunTrials(requests, parallel, [&](size_t index, record::Case result) {
    results[index] = std::move(result);
  });
  return results;
}

record::Case RunOne(TrialBody body, const Plan& plan = {}) {
  return RunAll(plan, {std::move(body)})[0];
}

TEST(TrialTest, NothingMissedIsAPass) {
  EXPECT_EQ(RunOne([](Trial&) {}).verdict(), record::VERDICT_PASS);
}

TEST(TrialTest, AMustEndsTheTrial) {
  record::Case result = RunOne([](Trial& trial) {
    trial.Miss("DRV-FRAME-1", "this", "that");
    trial.Broken("went on");
  });
  EXPECT_EQ(result.verdict(), record::VERDICT_FAIL);
  ASSERT_EQ(result.findings_size(), 1);
  EXPECT_EQ(result.findings(0).expected(), "this");
  EXPECT_THAT(result.findings(0).sentence(), HasSubstr("MUST"));
}

TEST(TrialTest, AShouldIsNotedOnceAndTheTrialGoesOn) {
  record::Case result = RunOne([](Trial& trial) {
    trial.Miss("DRV-HELLO-2", "soon", "late");
    trial.Miss("DRV-HELLO-2", "soon", "later");
    trial.Miss("DRV-BEAT-3", "a", "b");
  });
  EXPECT_EQ(result.verdict(), record::VERDICT_WARN);
  EXPECT_EQ(result.findings_size(), 2);
}

TEST(TrialTest, AClauseThatIsNotThereIsTheSuitesFault) {
  EXPECT_EQ(
      RunOne([](Trial& trial) { trial.Miss("DRV-X-1", "", ""); }).verdict(),
      record::VERDICT_BROKEN);
}

TEST(TrialTest, TheLogIsBounded) {
  record::Case result = RunOne([](Trial& trial) {
    for (int i = 0; i < 1000; ++i) trial.LogSeen("frame");
    for (int i = 0; i < 1000; ++i) trial.output().Append("0123456789");
  });
  EXPECT_EQ(result.log_size(), 200);
  EXPECT_EQ(result.log_dropped(), 800u);
  EXPECT_LT(result.output().size(), 5000u);
  EXPECT_THAT(result.output(), HasSubstr("bytes before"));
}

TEST(RunTrialsTest, ACrashIsTheSuitesFaultAndTheOthersGoOn) {
  std::vector<record::Case> results =
      RunAll({}, {[](Trial&) { ::raise(SIGKILL); }, [](Trial&) { ::_exit(0); },
                  [](Trial&) {}});
  EXPECT_EQ(results[0].verdict(), record::VERDICT_BROKEN);
  EXPECT_THAT(results[0].reason(), HasSubstr("signal 9"));
  EXPECT_EQ(results[1].verdict(), record::VERDICT_BROKEN);
  EXPECT_EQ(results[2].verdict(), record::VERDICT_PASS);
}

TEST(RunTrialsTest, ATrialThatHangsIsEnded) {
  Plan plan;
  plan.scale = 0.001;
  plan.clauses = Milliseconds(0);
  record::Case result = RunOne(
      [](Trial&) {
        while (true) ::pause();
      },
      plan);
  EXPECT_EQ(result.verdict(), record::VERDICT_BROKEN);
  EXPECT_THAT(result.reason(), HasSubstr("in time"));
}

TEST(RunTrialsTest, AllAreRunWhateverTheNumberSideBySide) {
  for (int parallel : {0, 1, 7, 100}) {
    std::vector<record::Case> results =
        RunAll({}, std::vector<TrialBody>(20, [](Trial&) {}), parallel);
    for (const record::Case& result : results) {
      EXPECT_EQ(result.verdict(), record::VERDICT_PASS);
    }
  }
}

TEST(RunTrialsTest, NothingIsLeftBehind) {
  // A child in a session of its own, by a process that is gone: reached by
  // neither group nor parent.
  auto leave = [](Trial& trial) {
    auto process =
        Process::Start({{"sh", "-c", "setsid sleep 1000 & setsid sleep 1000 &"},
                        PlainEnvironment(),
                        {}});
    if (!process.ok()) trial.Broken("no sh");
    while (LiveChildren().size() < 2) std::this_thread::yield();
    if (trial.plan().testee) ::raise(SIGKILL);
  };
  Plan plan;
  EXPECT_EQ(RunOne(leave, plan).verdict(), record::VERDICT_PASS);
  EXPECT_THAT(LiveChildren(), ::testing::IsEmpty());
  plan.testee = true;
  EXPECT_EQ(RunOne(leave, plan).verdict(), record::VERDICT_BROKEN);
  EXPECT_THAT(LiveChildren(), ::testing::IsEmpty());
}

TEST(ProcessTest, AProgramThatIsNotThere) {
  auto process = Process::Start({{"/nowhere/at-all"}, {}, {}});
  EXPECT_EQ(process.status().code(), absl::StatusCode::kNotFound);
}

TEST(ProcessTest, TheEndIsTold) {
  auto process =
      Process::Start({{"sh", "-c", "exit 7"}, PlainEnvironment(), {}});
  ASSERT_TRUE(process.ok());
  std::optional<End> end;
  while (!(end = process->Reap())) std::this_thread::yield();
  EXPECT_EQ(Describe(*end), "exit code 7");
  EXPECT_EQ(process->Reap(), end);
}

}  // namespace
}  // namespace drover::conformance
