#include "supervisor/cli/systemd_unit.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

UnitFacts Facts() {
  UnitFacts facts;
  facts.program = "/usr/bin/drover";
  facts.file = "/etc/drover/web.yaml";
  config::v1::Pool* pool = facts.config.add_pools();
  pool->mutable_timeouts()->mutable_hello()->set_seconds(10);
  pool->mutable_timeouts()->mutable_start()->set_seconds(60);
  facts.config.mutable_supervisor()->mutable_shutdown_timeout()->set_seconds(
      120);
  return facts;
}

TEST(SystemdUnitTest, HasTheConfigurationsDeadlines) {
  const std::string unit = RenderSystemdUnit(Facts());
  EXPECT_THAT(unit, HasSubstr("\nTimeoutStartSec=100s\n"));
  EXPECT_THAT(unit, HasSubstr("\nTimeoutStopSec=150s\n"));
  EXPECT_THAT(unit, HasSubstr("\nExecStart=\"/usr/bin/drover\" run -f "
                              "\"/etc/drover/web.yaml\"\n"));
}

TEST(SystemdUnitTest, AnOldSystemdSendsTheSignalItself) {
  UnitFacts facts = Facts();
  EXPECT_THAT(RenderSystemdUnit(facts),
              AllOf(HasSubstr("\nType=notify-reload\n"),
                    HasSubstr("\nRestartSteps=6\n")));
  facts.version = 252;
  const std::string unit = RenderSystemdUnit(facts);
  EXPECT_THAT(unit, HasSubstr("\nType=notify\nExecReload=/bin/kill -HUP "
                              "$MAINPID\n"));
  EXPECT_THAT(unit, Not(HasSubstr("RestartSteps")));
}

TEST(SystemdUnitTest, WithoutAFileItIsATemplate) {
  UnitFacts facts = Facts();
  facts.file.clear();
  EXPECT_THAT(RenderSystemdUnit(facts),
              HasSubstr(" run -f /etc/drover/%i.yaml\n"));
}

TEST(SystemdUnitTest, HasRoomForAllListeners) {
  UnitFacts facts = Facts();
  EXPECT_THAT(RenderSystemdUnit(facts),
              HasSubstr("\nFileDescriptorStoreMax=32\n"));
  for (int i = 0; i < 99; ++i) facts.config.mutable_pools(0)->add_listeners();
  EXPECT_THAT(RenderSystemdUnit(facts),
              HasSubstr("\nFileDescriptorStoreMax=400\n"));
}

TEST(QuoteForExecTest, NothingMeansAnything) {
  EXPECT_EQ(QuoteForExec("/a b/%i/$HOME/\"q\"\\n;"),
            "\"/a b/%%i/$$HOME/\\\"q\\\"\\\\n;\"");
  EXPECT_EQ(QuoteForExec("/a\nb\t"), "\"/a\\x0ab\\x09\"");
}

TEST(SystemdUnitTest, NoPathAddsALine) {
  UnitFacts facts = Facts();
  facts.file = "/etc/a\n[Service]\nUser=root\n%i\\";
  const std::string unit = RenderSystemdUnit(facts);
  EXPECT_THAT(unit, Not(HasSubstr("\nUser=root")));
  EXPECT_THAT(unit, HasSubstr("of /etc/a?[Service]?User=root?%%i?\n"));
}

}  // namespace
}  // namespace drover::cli
