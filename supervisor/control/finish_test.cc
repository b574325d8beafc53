// The end of the supervisor, as its clients hear of it.
#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
#include "supervisor/control/server.h"
#include "supervisor/control/testing/stage.h"

namespace drover::control {
namespace {

using admin::v1::WatchEventsResponse;

class FinishTest : public Stage {
 protected:
  uint64_t Watch() {
    return Open("WatchEvents", admin::v1::WatchEventsRequest());
  }

  // More than a client takes at a time.
  void MuchHappens() {
    for (uint32_t i = 0; i < kMany; ++i) {
      server_.OnGatewayEvent(absl::StrCat("event ", i));
    }
  }

  void Finish() {
    server_.Finish([this] { ++all_told_; });
  }

  void ExpectEnded(uint64_t call) {
    ASSERT_TRUE(heard(call).ended);
    EXPECT_EQ(heard(call).code, absl::StatusCode::kUnavailable);
    EXPECT_EQ(heard(call).detail.reason(), "SUPERVISOR_ENDED");
  }

  static constexpr uint32_t kMany = 3 * Server::kCreditsFirst;
  int all_told_ = 0;
};

TEST_F(FinishTest, StreamsThatHaveHadEverythingEnd) {
  world_.Start({core::TestSpec("web", 1)});
  const uint64_t events = Watch();
  admin::v1::TailLogsRequest follow;
  follow.set_follow(true);
  const uint64_t logs = Open("TailLogs", follow);
  EXPECT_FALSE(heard(logs).ended);
  Finish();
  ExpectEnded(events);
  ExpectEnded(logs);
  EXPECT_EQ(all_told_, 1);
}

TEST_F(FinishTest, TheLastEventsComeBeforeTheEnd) {
  world_.Start({core::TestSpec("web", 1)});
  const uint64_t call = Watch();
  world_.Die(world_.Incumbent("web", 0), SIGKILL, 0);
  // What this turn has brought is not sent yet.
  Finish();
  bool exited = false;
  for (const auto& item : Stream<WatchEventsResponse>(call)) {
    exited = exited || item.event().has_worker_exited();
  }
  EXPECT_TRUE(exited);
  ExpectEnded(call);
}

TEST_F(FinishTest, AClientIsWaitedForUntilItHasTakenAll) {
  const uint64_t call = Watch();
  MuchHappens();
  Finish();
  EXPECT_EQ(heard(call).responses.size(), Server::kCreditsFirst);
  EXPECT_FALSE(heard(call).ended);
  EXPECT_EQ(all_told_, 0);
  Credit(call, kMany);
  EXPECT_GT(heard(call).responses.size(), kMany);
  ExpectEnded(call);
  EXPECT_EQ(all_told_, 1);
}

TEST_F(FinishTest, AFullChannelIsWaitedFor) {
  const uint64_t call = Watch();
  MuchHappens();
  room_ = 2;
  Finish();
  EXPECT_FALSE(heard(call).ended);
  room_ = kMany;
  Credit(call, kMany);
  ExpectEnded(call);
  EXPECT_EQ(all_told_, 1);
}

TEST_F(FinishTest, OneThatLeavesIsNotWaitedFor) {
  const uint64_t gone = Watch();
  MuchHappens();
  Finish();
  EXPECT_EQ(all_told_, 0);
  Abandon(gone);
  EXPECT_EQ(all_told_, 1);
}

TEST_F(FinishTest, NorIsALostGateway) {
  Watch();
  MuchHappens();
  Finish();
  server_.OnGatewayLost();
  EXPECT_EQ(all_told_, 1);
}

TEST_F(FinishTest, WithoutClientsThereIsNothingToWaitFor) {
  Finish();
  EXPECT_EQ(all_told_, 1);
}

TEST_F(FinishTest, LateCallersAreAnsweredAndNotKept) {
  world_.Start({core::TestSpec("web", 1)});
  Finish();
  EXPECT_EQ(Ask<admin::v1::ListPoolsResponse>("ListPools",
                                              admin::v1::ListPoolsRequest())
                .pools_size(),
            1);
  const uint64_t watch = Watch();
  EXPECT_EQ(heard(watch).responses.size(), 1u);
  ExpectEnded(watch);
}

}  // namespace
}  // namespace drover::control
