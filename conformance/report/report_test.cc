#include "conformance/report/report.h"

#include <string>

#include "conformance/report/escape.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover::conformance {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

record::Run Example() {
  record::Run run;
  run.set_mode("worker");
  run.mutable_subject()->set_name("bil<ling");
  record::Case* passed = run.add_cases();
  passed->set_id("W-A-01");
  passed->set_title("fine");
  passed->set_verdict(record::VERDICT_PASS);
  record::Case* failed = run.add_cases();
  failed->set_id("W-A-02");
  failed->set_title("not fine");
  failed->set_verdict(record::VERDICT_FAIL);
  failed->set_repeat("drover-conformance --case W-A-02 -- ./worker");
  record::Finding* finding = failed->add_findings();
  finding->set_clause("DRV-FRAME-4");
  finding->set_level("MUST");
  finding->set_sentence("A reader MUST do this.");
  finding->set_expected("Pong");
  finding->set_seen("\"<&");
  record::Entry* entry = failed->add_log();
  entry->set_at_us(1500);
  entry->set_direction("<");
  entry->set_text("Hello{}");
  record::Case* skipped = run.add_cases();
  skipped->set_id("W-A-03");
  skipped->set_verdict(record::VERDICT_NOT_APPLICABLE);
  skipped->set_reason("no listener");
  return run;
}

TEST(SummaryTest, SaysAllThatOneNeedsOfAFailure) {
  std::string text = Summary(Example(), {});
  for (const char* part :
       {"DRV-FRAME-4 [MUST] A reader MUST do this.", "expected: Pong",
        "seen:     \"<&", "1.500 < Hello{}",
        "again: drover-conformance --case W-A-02 -- ./worker",
        "n.a. (1): no listener: W-A-03",
        "FAIL: 1 passed, 1 failed, 0 warned, 1 n.a., 0 broken"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(SummaryTest, ColorsWhereAskedFor) {
  EXPECT_THAT(Summary(Example(), {.color = true}), HasSubstr("\x1b[31mFAIL"));
}

TEST(SummaryTest, AnUnexpectedPassIsNamed) {
  record::Run run = Example();
  run.mutable_cases(0)->set_expectation(record::EXPECTATION_KNOWN_FAILING);
  run.mutable_cases(1)->set_expectation(record::EXPECTATION_KNOWN_FAILING);
  EXPECT_THAT(Summary(run, {}), HasSubstr("take them off"));
}

TEST(SummaryTest, ManyThatFailAlikeAreNamedTogether) {
  record::Run run;
  for (int i = 0; i < 9; ++i) {
    record::Case* each = run.add_cases();
    each->set_id("W-A-0" + std::to_string(i));
    each->set_verdict(record::VERDICT_FAIL);
    each->add_findings()->set_seen("not found");
  }
  std::string text = Summary(run, {});
  EXPECT_THAT(text, HasSubstr("7 more like W-A-00: W-A-02 W-A-03"));
  EXPECT_THAT(Summary(run, {.verbose = true}), Not(HasSubstr("more like")));
}

TEST(TapTest, OneLineACase) {
  std::string text = Tap(Example(), false);
  EXPECT_THAT(text, StartsWith("TAP version 13\n1..3\nok 1 - W-A-01 fine\n"
                               "not ok 2 - W-A-02 not fine\n# DRV-FRAME-4"));
  EXPECT_THAT(text, HasSubstr("ok 3 - W-A-03  # SKIP no listener"));
}

TEST(JunitTest, CountsAndEscapes) {
  std::string text = Junit(Example(), false);
  EXPECT_THAT(text, HasSubstr("tests=\"3\" failures=\"1\" errors=\"0\" "
                              "skipped=\"1\""));
  EXPECT_THAT(text, HasSubstr("seen &quot;&lt;&amp;"));
}

TEST(JunitTest, ABrokenCaseIsAnError) {
  record::Run run = Example();
  run.mutable_cases(0)->set_verdict(record::VERDICT_BROKEN);
  EXPECT_THAT(Junit(run, false),
              AllOf(HasSubstr("errors=\"1\""), HasSubstr("<error ")));
}

TEST(HtmlTest, IsSelfContainedAndEscaped) {
  std::string text = Html(Example(), false);
  EXPECT_THAT(text, HasSubstr("bil&lt;ling"));
  EXPECT_THAT(text, Not(HasSubstr("bil<ling")));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
  EXPECT_THAT(text, Not(HasSubstr("http")));
  EXPECT_THAT(text, HasSubstr("id=\"W-A-02\""));
}

TEST(EscapeTest, ControlCharactersCannotStandInMarkup) {
  EXPECT_EQ(EscapeMarkup("a\x01<"), "a?&lt;");
  EXPECT_EQ(Indent("a\nb\n", "  "), "  a\n  b\n");
}

}  // namespace
}  // namespace drover::conformance
