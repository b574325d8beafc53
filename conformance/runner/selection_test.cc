#include "conformance/runner/selection.h"

#include "conformance/runner/lists.h"
#include "conformance/runner/options.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover::conformance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Case kCases[] = {
    {"W-FR-01", "a", "DRV-FRAME-1 DRV-FRAME-2", kNothing, "", nullptr},
    {"W-FR-02", "b", "DRV-FRAME-2", kNothing, "", nullptr},
    {"W-HS-01", "c", "DRV-HELLO-2", kNothing, "", nullptr},
};

std::vector<const Case*> All() { return {&kCases[0], &kCases[1], &kCases[2]}; }

std::vector<std::string> Ids(const Filter& filter) {
  std::vector<std::string> ids;
  auto selected = Select(All(), filter);
  EXPECT_TRUE(selected.ok()) << selected.status();
  if (!selected.ok()) return ids;
  for (const Case* each : *selected) ids.push_back(each->id);
  return ids;
}

TEST(SelectTest, EachFilterNarrows) {
  EXPECT_THAT(Ids({}), ElementsAre("W-FR-01", "W-FR-02", "W-HS-01"));
  EXPECT_THAT(Ids({.cases = {"W-FR-*"}, .skip = {"*-02"}}),
              ElementsAre("W-FR-01"));
  EXPECT_THAT(Ids({.chapters = {"hello"}}), ElementsAre("W-HS-01"));
  EXPECT_THAT(Ids({.chapters = {"FR"}}), ElementsAre("W-FR-01", "W-FR-02"));
  EXPECT_THAT(Ids({.level = "should"}), ElementsAre("W-HS-01"));
  EXPECT_THAT(Ids({.clauses = {"DRV-FRAME-1"}}), ElementsAre("W-FR-01"));
}

TEST(SelectTest, WhatIsInNoCaseIsAnError) {
  EXPECT_THAT(Select(All(), {.cases = {"W-XX-01"}}).status().message(),
              HasSubstr("W-XX-01"));
  EXPECT_FALSE(Select(All(), {.skip = {"nothing"}}).ok());
  EXPECT_FALSE(Select(All(), {.chapters = {"NOWHERE"}}).ok());
  EXPECT_FALSE(Select(All(), {.level = "maybe"}).ok());
  EXPECT_FALSE(Select(All(), {.clauses = {"DRV-FRAME-3"}}).ok());
}

TEST(SelectTest, AnEmptySelectionIsAnError) {
  EXPECT_FALSE(Select(All(), {.cases = {"W-FR-01"}, .skip = {"W-*"}}).ok());
}

TEST(MatchesTest, Stars) {
  EXPECT_TRUE(Matches("*", "anything"));
  EXPECT_TRUE(Matches("a*c*", "abbcd"));
  EXPECT_FALSE(Matches("a*c", "abbcd"));
  EXPECT_FALSE(Matches("", "a"));
}

TEST(ListTest, CommentsAndPatterns) {
  auto list = ParseList("# why\nW-FR-*  # soon\n\n W-HS-01\n", "known", All());
  ASSERT_TRUE(list.ok());
  EXPECT_THAT(*list, ElementsAre("W-FR-*", "W-HS-01"));
}

TEST(ListTest, BadOnesAreRefusedWithTheirPlace) {
  EXPECT_THAT(ParseList("\nW-ZZ-01\n", "known", All()).status().message(),
              HasSubstr("known:2: "));
  EXPECT_THAT(ParseList("W-FR-01\nW-FR-01", "known", All()).status().message(),
              HasSubstr("twice"));
}

record::Run RunOf(std::initializer_list<record::Verdict> verdicts) {
  record::Run run;
  size_t index = 0;
  for (record::Verdict verdict : verdicts) {
    record::Case* each = run.add_cases();
    each->set_id(kCases[index++].id);
    each->set_verdict(verdict);
  }
  return run;
}

TEST(ListTest, AnEntryThatAppliedNowhereIsIdle) {
  record::Run run =
      RunOf({record::VERDICT_NOT_APPLICABLE, record::VERDICT_NOT_APPLICABLE,
             record::VERDICT_FAIL});
  EXPECT_THAT(IdleEntries({"W-FR-*", "W-HS-01"}, run), ElementsAre("W-FR-*"));
  // Left out by a filter: says nothing either way.
  EXPECT_THAT(IdleEntries({"W-EX-01"}, run), IsEmpty());
}

TEST(ListTest, FlakyWinsOverFailing) {
  record::Run run = RunOf({record::VERDICT_FAIL, record::VERDICT_PASS});
  MarkExpectations({"W-FR-*"}, {"W-FR-02"}, run);
  EXPECT_EQ(run.cases(0).expectation(), record::EXPECTATION_KNOWN_FAILING);
  EXPECT_EQ(run.cases(1).expectation(), record::EXPECTATION_KNOWN_FLAKY);
}

absl::StatusOr<Options> Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "drover-conformance");
  return ParseOptions(static_cast<int>(words.size()), words.data());
}

TEST(OptionsTest, TheCommandIsLeftAlone) {
  auto options = Parse({"--case", "W-FR-01", "--", "./worker", "--list", "--"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_THAT(options->plan.command, ElementsAre("./worker", "--list", "--"));
  EXPECT_FALSE(options->list);
}

TEST(OptionsTest, ATesteeHasAListenerWhereNoneIsNamed) {
  auto options = Parse({"--testee", "--", "./worker"});
  ASSERT_TRUE(options.ok());
  EXPECT_THAT(options->plan.listeners, ElementsAre("http"));
}

TEST(OptionsTest, BadInput) {
  EXPECT_FALSE(Parse({"--no-such-option", "--", "./worker"}).ok());
  EXPECT_FALSE(Parse({"--scale", "0", "--", "./worker"}).ok());
  EXPECT_FALSE(Parse({"--jobs", "-1", "--", "./worker"}).ok());
  EXPECT_FALSE(Parse({"--listener", "Not Legal", "--", "./worker"}).ok());
  EXPECT_FALSE(Parse({"--mode", "neither", "--", "./worker"}).ok());
  EXPECT_FALSE(Parse({"--case", "W-FR-01"}).ok());
  EXPECT_FALSE(Parse({"--"}).ok());
}

TEST(QuoteTest, AShellReadsItBack) {
  EXPECT_EQ(ShellWord("plain-1.0/x"), "plain-1.0/x");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord(""), "''");
}

}  // namespace
}  // namespace drover::conformance
