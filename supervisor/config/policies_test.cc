// Policies that contradict one another are refused with both fields named.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "supervisor/config/load.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/testing.h"

namespace drover::config {
namespace {

// One pool "web" of four with these lines besides.
absl::Status Check(const std::string& lines, const std::string& more = "") {
  return LoadText(absl::StrCat("pools:\n- name: web\n  command: [./w]\n",
                               "  count: 4\n", lines, more),
                  Format::kYaml, "test", "/", FakeHost())
      .status();
}

void ExpectRefused(const absl::Status& status,
                   const std::vector<std::string>& parts) {
  ASSERT_FALSE(status.ok());
  for (const std::string& part : parts) {
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos)
        << part << " is not in: " << status.message();
  }
}

TEST(PoliciesTest, SharesAreNumbersOrParts) {
  EXPECT_TRUE(Check("  reload: {max_surge: 25%}\n").ok());
  EXPECT_TRUE(Check("  reload: {max_surge: 0, max_unavailable: 2}\n").ok());
  for (const char* wrong : {"\"\"", "-1", "5000", "101%", "half", "2 %"}) {
    absl::Status status =
        Check(absl::StrCat("  reload: {max_surge: ", wrong, "}\n"));
    // Empty is the default.
    if (std::string(wrong) == "\"\"") {
      EXPECT_TRUE(status.ok()) << status;
      continue;
    }
    ExpectRefused(status, {"pools[0].reload.max_surge", "0..4096", "100%"});
  }
}

TEST(PoliciesTest, AReloadMustBeAbleToReplaceSomething) {
  ExpectRefused(Check("  reload: {max_surge: 0}\n"),
                {"reload.max_surge", "reload.max_unavailable"});
  ExpectRefused(Check("  reload: {max_surge: 0%, max_unavailable: 0%}\n"),
                {"reload.max_surge", "reload.max_unavailable"});
}

TEST(PoliciesTest, TheFloorIsNotBelowZero) {
  ExpectRefused(Check("  reload: {max_unavailable: 5}\n"),
                {"reload.max_unavailable", "count, 4"});
  EXPECT_TRUE(Check("  reload: {max_unavailable: 100%}\n").ok());
}

TEST(PoliciesTest, ACanaryIsAPartOfThePool) {
  EXPECT_TRUE(Check("  reload: {canary: {workers: 4}}\n").ok());
  ExpectRefused(Check("  reload: {canary: {workers: 5}}\n"),
                {"reload.canary.workers", "count, 4"});
}

TEST(PoliciesTest, ProgressCanBeMade) {
  ExpectRefused(Check("  reload: {min_ready_time: 1m, progress_timeout: 1m}\n"),
                {"reload.progress_timeout", "reload.min_ready_time"});
  ExpectRefused(Check("  reload: {progress_timeout: 30s}\n"
                      "  timeouts: {lame_duck: 30s}\n"),
                {"reload.progress_timeout", "timeouts.lame_duck"});
  ExpectRefused(Check("  reload: {progress_timeout: 0s}\n"),
                {"reload.progress_timeout", "1s..24h"});
}

TEST(PoliciesTest, WindowsOfZeroAreRefused) {
  ExpectRefused(Check("  restart: {window: 0s}\n"),
                {"restart.window", "1s..24h"});
}

TEST(PoliciesTest, PermanentExitCodesAreExitCodes) {
  EXPECT_TRUE(Check("  restart: {permanent_exit_codes: [78, 64]}\n").ok());
  ExpectRefused(Check("  restart: {permanent_exit_codes: [78, 0]}\n"),
                {"permanent_exit_codes[1]", "on_normal_exit"});
  ExpectRefused(Check("  restart: {permanent_exit_codes: [256]}\n"),
                {"permanent_exit_codes[0]", "1..255"});
}

TEST(PoliciesTest, OrderNamesOtherPoolsAndHasNoCycle) {
  const std::string db = "- name: db\n  command: [./d]\n";
  EXPECT_TRUE(Check("  after: [db]\n", db).ok());
  ExpectRefused(Check("  after: [cache]\n", db),
                {"pools[0].after[0]", "no pool \"cache\""});
  ExpectRefused(Check("  after: [db, db]\n", db),
                {"pools[0].after[1]", "given twice"});
  ExpectRefused(Check("  after: [web]\n"),
                {"pools[0].after[0]", "web after web"});
  ExpectRefused(Check("  after: [db]\n", db + "  after: [web]\n"),
                {"pools[1].after[0]", "web after db after web"});
}

TEST(PoliciesTest, AutoCountsProcessors) {
  Host host = FakeHost();
  host.processors = 6;
  auto file = LoadText("pools: [{name: web, command: [./w], count: auto}]",
                       Format::kYaml, "test", "/", host);
  ASSERT_TRUE(file.ok()) << file.status();
  auto config = Prepare(*file, host);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->pools(0).count(), 6u);
  EXPECT_TRUE(config->pools(0).auto_count());
  auto wrong =
      LoadText("pools: [{name: web, command: [./w], count: automatic}]",
               Format::kYaml, "test", "/", host);
  ExpectRefused(wrong.status(), {"pools[0].count", "or auto"});
}

}  // namespace
}  // namespace drover::config
