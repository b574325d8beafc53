#include "supervisor/main/service_status.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ServiceStatusTest : public ::testing::Test {
 protected:
  std::vector<std::string> Take() {
    return status.Take(now, [] { return std::string("web 1/1"); });
  }

  void BeReady() {
    status.OnReady();
    Take();
  }

  ServiceStatus status{{.start = absl::Seconds(40), .stop = absl::Seconds(60)}};
  absl::Time now = absl::UnixEpoch() + absl::Seconds(5);
};

TEST_F(ServiceStatusTest, AsksForTimeWhileItStarts) {
  EXPECT_THAT(Take(), ElementsAre("STATUS=starting: web 1/1\n"
                                  "EXTEND_TIMEOUT_USEC=40000000\n"));
}

TEST_F(ServiceStatusTest, IsReadyOnce) {
  status.OnReady();
  status.OnReady();
  EXPECT_THAT(Take(), ElementsAre("READY=1\nSTATUS=web 1/1\n"));
  EXPECT_THAT(Take(), IsEmpty());
}

TEST_F(ServiceStatusTest, ChangesAreToldTogether) {
  BeReady();
  status.OnChange();
  EXPECT_THAT(Take(), IsEmpty());
  EXPECT_EQ(status.Due(), now + ServiceStatus::kPause);
  now = status.Due();
  status.OnChange();
  EXPECT_THAT(Take(), ElementsAre("STATUS=web 1/1\n"));
  EXPECT_EQ(status.Due(), absl::InfiniteFuture());
}

TEST_F(ServiceStatusTest, AReloadHasTwoEnds) {
  BeReady();
  status.OnReload(now);
  EXPECT_THAT(Take(), ElementsAre(AllOf(
                          HasSubstr("RELOADING=1\nMONOTONIC_USEC=5000000\n"),
                          HasSubstr("STATUS=reloading: "),
                          HasSubstr("EXTEND_TIMEOUT_USEC="))));
  status.OnReloadEnded("");
  EXPECT_THAT(Take(), ElementsAre("READY=1\nSTATUS=web 1/1\n"));
}

TEST_F(ServiceStatusTest, OneThatIsRefusedAtOnceHasThemToo) {
  BeReady();
  status.OnReload(now);
  status.OnReloadEnded("pools[0]:\nno\ncommand");
  EXPECT_THAT(Take(),
              ElementsAre(HasSubstr("RELOADING=1"),
                          "READY=1\nSTATUS=web 1/1; the last reload failed: "
                          "pools[0]: no command\n"));
}

TEST_F(ServiceStatusTest, OfTwoReloadsTheLastIsTheEnd) {
  BeReady();
  status.OnReload(now);
  status.OnReload(now);
  Take();
  status.OnReloadEnded("");
  EXPECT_THAT(Take(), IsEmpty());
  status.OnReloadEnded("");
  EXPECT_THAT(Take(), ElementsAre(HasSubstr("READY=1")));
}

TEST_F(ServiceStatusTest, AReloadBeforeItIsReadyIsNone) {
  status.OnReload(now);
  status.OnReloadEnded("");
  EXPECT_THAT(Take(), ElementsAre(Not(HasSubstr("READY"))));
}

TEST_F(ServiceStatusTest, StoppingIsFinal) {
  BeReady();
  status.OnStopping();
  status.OnStopping();
  status.OnReload(now);
  EXPECT_THAT(Take(), ElementsAre("STOPPING=1\nSTATUS=stopping: web 1/1\n"
                                  "EXTEND_TIMEOUT_USEC=60000000\n"));
  status.OnReady();
  EXPECT_THAT(Take(), IsEmpty());
}

TEST(SummaryTest, SaysWhatIsWrongFirst) {
  EXPECT_EQ(SummaryOf({}, 200), "no pools");
  EXPECT_EQ(SummaryOf({{"web", 4, 4, ""}, {"api", 1, 2, "FAILED"}}, 200),
            "api 1/2 (FAILED), web 4/4");
}

TEST(SummaryTest, IsBounded) {
  std::vector<PoolLine> pools(500, {std::string(63, 'x'), 1, 1, ""});
  std::string summary = SummaryOf(pools, 200);
  EXPECT_LE(summary.size(), 200u);
  EXPECT_THAT(summary, HasSubstr(" and 498 more"));
}

}  // namespace
}  // namespace drover
