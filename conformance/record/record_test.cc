#include "conformance/record/json.h"
#include "conformance/record/judge.h"
#include "gtest/gtest.h"

namespace drover::conformance {
namespace {

record::Run RunOf(std::initializer_list<record::Verdict> verdicts) {
  record::Run run;
  for (record::Verdict verdict : verdicts)
    run.add_cases()->set_verdict(verdict);
  return run;
}

TEST(ExitCodeTest, AllPassed) {
  EXPECT_EQ(
      ExitCode(RunOf({record::VERDICT_PASS, record::VERDICT_NOT_APPLICABLE}),
               /*strict=*/false),
      0);
}

TEST(ExitCodeTest, NothingRanIsNoPass) {
  EXPECT_EQ(ExitCode(RunOf({}), false), 1);
  EXPECT_EQ(ExitCode(RunOf({record::VERDICT_NOT_APPLICABLE}), false), 1);
}

TEST(ExitCodeTest, AWarningCountsWhereItIsStrict) {
  record::Run run = RunOf({record::VERDICT_PASS, record::VERDICT_WARN});
  EXPECT_EQ(ExitCode(run, false), 0);
  EXPECT_EQ(ExitCode(run, true), 1);
}

TEST(ExitCodeTest, TheSubjectsFailureComesBeforeTheSuites) {
  EXPECT_EQ(
      ExitCode(RunOf({record::VERDICT_PASS, record::VERDICT_BROKEN}), false),
      3);
  EXPECT_EQ(
      ExitCode(RunOf({record::VERDICT_FAIL, record::VERDICT_BROKEN}), false),
      1);
}

TEST(ExitCodeTest, AVerdictThatIsMissingIsTheSuitesFault) {
  EXPECT_EQ(ExitCode(RunOf({record::VERDICT_UNSPECIFIED}), false), 3);
}

TEST(ExitCodeTest, KnownFailuresMustFail) {
  record::Run run = RunOf({record::VERDICT_FAIL, record::VERDICT_PASS});
  run.mutable_cases(0)->set_expectation(record::EXPECTATION_KNOWN_FAILING);
  EXPECT_EQ(ExitCode(run, false), 0);
  run.mutable_cases(1)->set_expectation(record::EXPECTATION_KNOWN_FAILING);
  EXPECT_EQ(ExitCode(run, false), 1);
  EXPECT_EQ(Count(run).known, 1);
  EXPECT_EQ(Count(run).unexpected_passes, 1);
}

TEST(ExitCodeTest, FlakyOnesMayDoEither) {
  record::Run run = RunOf({record::VERDICT_FAIL, record::VERDICT_PASS});
  for (record::Case& each : *run.mutable_cases()) {
    each.set_expectation(record::EXPECTATION_KNOWN_FLAKY);
  }
  EXPECT_EQ(ExitCode(run, false), 0);
}

TEST(ExitCodeTest, AComplaintFails) {
  record::Run run = RunOf({record::VERDICT_PASS});
  run.add_complaints("known-failing: W-FR-01 was not run");
  EXPECT_EQ(ExitCode(run, false), 1);
}

TEST(JsonTest, ThereAndBack) {
  record::Run run = RunOf({record::VERDICT_FAIL});
  run.add_command("./worker");
  run.mutable_cases(0)->add_findings()->set_seen("\x1b[31m\xc3\xa9\n\"");
  absl::StatusOr<record::Run> again = FromJson(ToJson(run));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), run.SerializeAsString());
}

TEST(JsonTest, WhatIsNoRecordIsRefused) {
  EXPECT_FALSE(FromJson("").ok());
  EXPECT_FALSE(FromJson("[1]").ok());
  EXPECT_FALSE(FromJson("{\"cases\": 3}").ok());
}

}  // namespace
}  // namespace drover::conformance
