// drover upgrade against a fake supervisor: what it asks, prints and ends with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "supervisor/cli/testing/command_case.h"

namespace drover::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using CommandUpgradeTest = CommandTest;

admin::v1::Upgrade Upgrading(admin::v1::UpgradeState state) {
  admin::v1::Upgrade upgrade;
  upgrade.set_number(3);
  upgrade.set_state(state);
  upgrade.set_binary("/opt/new");
  upgrade.set_former_version("1.0");
  if (state != admin::v1::UPGRADE_STATE_CHECKING) upgrade.set_version("1.1");
  if (state == admin::v1::UPGRADE_STATE_FAILED) {
    upgrade.set_message("it \x1b[2Jhung");
    upgrade.set_remedy("mend it");
  }
  return upgrade;
}

TEST_F(CommandUpgradeTest, AnUpgradeIsFollowedToItsEnd) {
  answers_.upgrade = {Upgrading(admin::v1::UPGRADE_STATE_CHECKING),
                      Upgrading(admin::v1::UPGRADE_STATE_EXECUTING),
                      Upgrading(admin::v1::UPGRADE_STATE_SUCCEEDED)};
  Ended ended = Do({"upgrade", "--binary", "/opt/new"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out,
            "upgrade 3: asks /opt/new whether it can take over\n"
            "upgrade 3: it can, 1.0 -> 1.1; executes it\n"
            "upgrade 3 succeeded, 1.0 -> 1.1\n");
  EXPECT_THAT(fake_->requests(),
              ElementsAre("UpgradeSupervisor binary: \"/opt/new\""));
}

// The gateway goes with the former program; the new one tells the outcome.
TEST_F(CommandUpgradeTest,
       AnUpgradesOutcomeIsAskedForWhereTheConnectionBreaks) {
  answers_.upgrade = {Upgrading(admin::v1::UPGRADE_STATE_CHECKING),
                      Upgrading(admin::v1::UPGRADE_STATE_EXECUTING)};
  answers_.end_code = 14;
  *answers_.state.mutable_supervisor()->mutable_last_upgrade() =
      Upgrading(admin::v1::UPGRADE_STATE_SUCCEEDED);
  Ended ended = Do({"upgrade"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("upgrade 3 succeeded, 1.0 -> 1.1\n"));
  EXPECT_THAT(fake_->requests(),
              ElementsAre("UpgradeSupervisor ", "GetSupervisor "));
}

TEST_F(CommandUpgradeTest,
       AnUpgradeThatAnotherSupervisorKnowsNothingOfHasNotWorked) {
  answers_.upgrade = {Upgrading(admin::v1::UPGRADE_STATE_EXECUTING)};
  answers_.end_code = 14;
  Ended ended = Do({"upgrade"});
  EXPECT_EQ(ended.code, 10);
  EXPECT_THAT(ended.err, HasSubstr("another supervisor answers"));
}

TEST_F(CommandUpgradeTest, AFailedUpgradeSaysWhyAndWhatToDo) {
  answers_.upgrade = {Upgrading(admin::v1::UPGRADE_STATE_CHECKING),
                      Upgrading(admin::v1::UPGRADE_STATE_FAILED)};
  Ended ended = Do({"upgrade"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err,
            "upgrade 3 failed: it \\x1B[2Jhung\n  remedy: mend it\n");
  ended = Do({"upgrade", "-o", "json"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.err, IsEmpty());
  const Args lines = absl::StrSplit(ended.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u);
  admin::v1::Upgrade parsed;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(lines[1], &parsed).ok());
  EXPECT_EQ(parsed.state(), admin::v1::UPGRADE_STATE_FAILED);
  EXPECT_EQ(parsed.message(), "it \x1b[2Jhung");
}

TEST_F(CommandUpgradeTest, ARefusedUpgradeIsNotFollowed) {
  Refuse(9, "/opt/new: no such file");
  Ended ended = Do({"upgrade", "--binary", "/opt/new"});
  EXPECT_EQ(ended.code, 6);
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_EQ(ended.err,
            "error: /opt/new: no such file\nfield: pool\n"
            "remedy: do something else\n");
  ended = Do({"upgrade", "-o", "json"});
  EXPECT_EQ(ended.code, 6);
  EXPECT_THAT(ended.err, HasSubstr("\"reason\":\"SOME_REASON\""));
  EXPECT_THAT(ended.err, HasSubstr("\"exit_code\":6"));
  EXPECT_THAT(fake_->requests(), Not(Contains(HasSubstr("GetSupervisor"))));
}

TEST_F(CommandUpgradeTest, AnUpgradeThatTakesTooLongGoesOn) {
  answers_.upgrade = {Upgrading(admin::v1::UPGRADE_STATE_CHECKING)};
  answers_.hold = true;
  Ended ended = Do({"upgrade", "--timeout", "300ms"});
  EXPECT_EQ(ended.code, 7);
  EXPECT_THAT(ended.err, HasSubstr("no result in time; the upgrade goes on"));
}

// The supervisor's directory may be another.
TEST_F(CommandUpgradeTest, TheProgramOfAnUpgradeIsNamedAbsolutely) {
  answers_.upgrade = {Upgrading(admin::v1::UPGRADE_STATE_SUCCEEDED)};
  EXPECT_EQ(Do({"upgrade", "--binary", "new"}).code, 0);
  EXPECT_THAT(fake_->requests(), ElementsAre(AllOf(HasSubstr("binary: \"/"),
                                                   HasSubstr("/new\""))));
}

TEST_F(CommandUpgradeTest, UpgradeExplainsItself) {
  Ended ended = Do({"upgrade", "--help"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr("--binary"));
  EXPECT_EQ(Do({"upgrade", "--no-such-flag"}).code, 2);
  EXPECT_EQ(Do({"upgrade", "new"}).code, 2);
  EXPECT_THAT(fake_->requests(), IsEmpty());
}

}  // namespace
}  // namespace drover::cli
