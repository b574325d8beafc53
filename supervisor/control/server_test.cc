// What clients of the admin API get, seen from the gateway.
#include "supervisor/control/server.h"

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "supervisor/control/testing/stage.h"

namespace drover::control {
namespace {

using admin::v1::ErrorDetail;
using admin::v1::Operation;
using admin::v1::WatchEventsResponse;

template <typename Request>
Request For(const std::string& pool) {
  Request request;
  request.set_pool(pool);
  return request;
}

TEST_F(Stage, SetupTellsTheGatewayWhoMayComeIn) {
  EXPECT_EQ(setup_.listen_fd(), 4u);
  ASSERT_EQ(setup_.roles_size(), 2);
  EXPECT_TRUE(setup_.roles(0).operate());
  EXPECT_FALSE(setup_.roles(1).operate());
}

TEST_F(Stage, EveryMethodOfTheServiceIsInTheTableOnce) {
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "drover.admin.v1.AdminService");
  ASSERT_NE(service, nullptr);
  std::vector<std::string> in_service;
  std::vector<std::string> in_table;
  for (int i = 0; i < service->method_count(); ++i) {
    in_service.push_back(service->method(i)->name());
  }
  for (const Method& method : AllMethods()) {
    in_table.emplace_back(method.name);
  }
  std::sort(in_service.begin(), in_service.end());
  std::sort(in_table.begin(), in_table.end());
  EXPECT_EQ(in_table, in_service);
}

TEST_F(Stage, ObserversReadAndCallNothingElse) {
  world_.Start({core::TestSpec("web", 1)});
  for (const Method& method : AllMethods()) {
    uint64_t call =
        Open(std::string(method.name), admin::v1::GetPoolRequest(), kObserver);
    const bool refused =
        heard(call).code == absl::StatusCode::kPermissionDenied;
    EXPECT_EQ(refused, method.role == Role::kOperate) << method.name;
    if (refused) {
      EXPECT_EQ(heard(call).detail.reason(), "ROLE_REQUIRED");
      EXPECT_TRUE(heard(call).responses.empty());
    }
    uint64_t stranger =
        Open(std::string(method.name), admin::v1::GetPoolRequest(), kStranger);
    EXPECT_EQ(heard(stranger).code, absl::StatusCode::kPermissionDenied);
  }
  EXPECT_EQ(world_.Serving("web"), 1u);
}

TEST_F(Stage, ReadsShowWhatThereIs) {
  config::v1::Pool spec = core::TestSpec("web", 3);
  (*spec.mutable_environment())["TOKEN"] = "secret";
  world_.Start({spec, core::TestSpec("mail", 1)});
  auto info = Ask<admin::v1::SupervisorInfo>("GetSupervisor",
                                             admin::v1::GetSupervisorRequest());
  EXPECT_EQ(info.version(), "1.2.3");
  auto pools = Ask<admin::v1::ListPoolsResponse>("ListPools",
                                                 admin::v1::ListPoolsRequest());
  ASSERT_EQ(pools.pools_size(), 2);
  EXPECT_EQ(pools.pools(0).name(), "web");
  EXPECT_EQ(pools.pools(0).ready(), 3u);
  EXPECT_EQ(pools.pools(0).listeners(0).address(), "tcp://127.0.0.1:8080");
  // Names of variables, not their values.
  EXPECT_EQ(pools.pools(0).spec().environment().at("TOKEN"), "");
  auto workers = Ask<admin::v1::ListWorkersResponse>(
      "ListWorkers", For<admin::v1::ListWorkersRequest>("web"));
  ASSERT_EQ(workers.workers_size(), 3);
  EXPECT_EQ(workers.workers(2).id().slot(), 2u);
  EXPECT_EQ(workers.workers(2).state(), admin::v1::WORKER_STATE_STARTED);
}

TEST_F(Stage, WorkersComeInPages) {
  world_.Start({core::TestSpec("web", 5)});
  admin::v1::ListWorkersRequest request;
  request.set_page_size(2);
  std::vector<uint32_t> slots;
  do {
    auto page = Ask<admin::v1::ListWorkersResponse>("ListWorkers", request);
    for (const auto& worker : page.workers()) {
      slots.push_back(worker.id().slot());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(slots, (std::vector<uint32_t>{0, 1, 2, 3, 4}));
}

TEST_F(Stage, TextsOfWorkersAreSafeToShow) {
  world_.Start({core::TestSpec("web", 1)});
  worker::v1::ToSupervisor report;
  report.mutable_state()->set_state(worker::v1::STATE_STARTED);
  report.mutable_state()->set_text("\x1b]52;c;evil\x07\xff ok");
  world_.Say(world_.Incumbent("web", 0), report);
  admin::v1::GetWorkerRequest request = For<admin::v1::GetWorkerRequest>("web");
  auto worker = Ask<admin::v1::Worker>("GetWorker", request);
  EXPECT_EQ(worker.status_text(), "\\x1B]52;c;evil\\x07\\xFF ok");
}

TEST_F(Stage, AnOperationIsToldFromPlanToEnd) {
  world_.behave = [](const core::Identity& id) {
    core::Behaviour behaviour;
    behaviour.starts = id.generation == 1;
    return behaviour;
  };
  world_.Start({core::TestSpec("web", 2)});
  uint64_t call = Open("ReloadPool", For<admin::v1::ReloadPoolRequest>("web"));
  auto told = Stream<Operation>(call);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].plan(), "reload pool web: replace 2 workers, start first");
  EXPECT_EQ(told[0].state(), admin::v1::OPERATION_STATE_RUNNING);
  ASSERT_EQ(told[0].waiting_size(), 1);
  EXPECT_EQ(told[0].waiting(0).what(), "STARTED");
  world_.Pass(absl::Seconds(61));
  server_.Flush();
  told = Stream<Operation>(call);
  EXPECT_EQ(told.back().state(), admin::v1::OPERATION_STATE_ROLLED_BACK);
  EXPECT_EQ(told.back().failure().reason(),
            admin::v1::FAILURE_REASON_START_TIMEOUT);
  EXPECT_TRUE(heard(call).ended);
  EXPECT_EQ(heard(call).code, absl::StatusCode::kOk);
  EXPECT_EQ(server_.open_calls(), 0u);
}

TEST_F(Stage, WatchingAnEndedOperationGivesItsEnd) {
  world_.Start({core::TestSpec("web", 1)});
  admin::v1::WatchOperationRequest request;
  request.set_id("op-1");
  uint64_t call = Open("WatchOperation", request);
  ASSERT_EQ(Stream<Operation>(call).size(), 1u);
  EXPECT_EQ(Stream<Operation>(call)[0].state(),
            admin::v1::OPERATION_STATE_SUCCEEDED);
  EXPECT_TRUE(heard(call).ended);
}

TEST_F(Stage, AClientThatGoesAwayCancelsNothing) {
  world_.Start({core::TestSpec("web", 2)});
  world_.behave = [](const core::Identity&) {
    core::Behaviour behaviour;
    behaviour.starts = false;
    return behaviour;
  };
  uint64_t call = Open("ReloadPool", For<admin::v1::ReloadPoolRequest>("web"));
  Abandon(call);
  EXPECT_EQ(server_.open_calls(), 0u);
  EXPECT_NE(world_.core().FindPool("web")->operation, 0u);
}

TEST_F(Stage, RefusalsCarryReasonFieldAndRemedy) {
  world_.Start({core::TestSpec("web", 1)});
  admin::v1::ScalePoolRequest scale;
  scale.set_pool("web");
  const Heard& zero = heard(Open("ScalePool", scale));
  EXPECT_EQ(zero.code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(zero.detail.reason(), "COUNT_OUT_OF_RANGE");
  EXPECT_EQ(zero.detail.field(), "count");
  EXPECT_FALSE(zero.detail.remedy().empty());
  scale.set_pool("nope");
  scale.set_count(2);
  const Heard& unknown = heard(Open("ScalePool", scale));
  EXPECT_EQ(unknown.code, absl::StatusCode::kNotFound);
  EXPECT_EQ(unknown.detail.reason(), "UNKNOWN_POOL");
}

// Each reason that this room gives by itself can be had.
TEST_F(Stage, EveryOwnRefusalIsReachable) {
  world_.Start({core::TestSpec("web", 1)});
  auto reason = [&](const std::string& method,
                    const google::protobuf::Message& request,
                    uint32_t uid = kOperator) {
    return heard(Open(method, request, uid)).detail.reason();
  };
  admin::v1::GetWorkerRequest slot = For<admin::v1::GetWorkerRequest>("web");
  slot.set_slot(7);
  admin::v1::GetOperationRequest operation;
  operation.set_id("op-99");
  admin::v1::ListWorkersRequest page;
  page.set_page_token("x");
  admin::v1::WatchEventsRequest token;
  token.set_token("another.1");
  EXPECT_EQ(reason("Reboot", slot), "UNKNOWN_METHOD");
  EXPECT_EQ(reason("Shutdown", admin::v1::ShutdownRequest(), kObserver),
            "ROLE_REQUIRED");
  EXPECT_EQ(reason("GetPool", admin::v1::GetPoolRequest()), "FIELD_MISSING");
  EXPECT_EQ(reason("GetPool", For<admin::v1::GetPoolRequest>("x")),
            "UNKNOWN_POOL");
  EXPECT_EQ(reason("GetWorker", slot), "UNKNOWN_SLOT");
  EXPECT_EQ(reason("GetOperation", operation), "UNKNOWN_OPERATION");
  EXPECT_EQ(reason("ListWorkers", page), "BAD_PAGE_TOKEN");
  EXPECT_EQ(reason("WatchEvents", token), "TOKEN_TOO_OLD");
  EXPECT_EQ(reason("ApplyConfig", admin::v1::ApplyConfigRequest()),
            "BAD_CONFIG");
  control::v1::ToSupervisor malformed;
  malformed.mutable_call()->set_id(1000);
  malformed.mutable_call()->mutable_caller()->set_uid(kOperator);
  malformed.mutable_call()->set_method("GetPool");
  malformed.mutable_call()->set_request("\xff\xff");
  server_.OnFrame(malformed);
  EXPECT_EQ(heard(1000).detail.reason(), "MALFORMED_REQUEST");
}

TEST_F(Stage, WatchBeginsWithASnapshotAndGoesOnInOrder) {
  world_.Start({core::TestSpec("web", 1)});
  server_.Flush();
  uint64_t call = Open("WatchEvents", admin::v1::WatchEventsRequest());
  auto items = Stream<WatchEventsResponse>(call);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].snapshot().workers_size(), 1);
  EXPECT_FALSE(items[0].snapshot().more());
  world_.Die(world_.Incumbent("web", 0), SIGKILL, 0);
  server_.Flush();
  items = Stream<WatchEventsResponse>(call);
  ASSERT_GE(items.size(), 2u);
  auto exited = std::find_if(items.begin(), items.end(), [](const auto& item) {
    return item.event().has_worker_exited();
  });
  ASSERT_NE(exited, items.end());
  EXPECT_EQ(exited->event().worker_exited().exit().external_signal().name(),
            "SIGKILL");
  EXPECT_EQ(exited->event().worker_exited().next(), "restart in 100ms");
}

TEST_F(Stage, WatchResumesAfterATokenWithoutAGap) {
  world_.Start({core::TestSpec("web", 1)});
  server_.Flush();
  uint64_t first = Open("WatchEvents", admin::v1::WatchEventsRequest());
  std::string token = Stream<WatchEventsResponse>(first)[0].snapshot().token();
  Abandon(first);
  world_.Die(world_.Incumbent("web", 0), SIGKILL, 0);
  world_.Pass(absl::Seconds(1));
  server_.Flush();
  admin::v1::WatchEventsRequest request;
  request.set_token(token);
  uint64_t second = Open("WatchEvents", request);
  auto items = Stream<WatchEventsResponse>(second);
  ASSERT_FALSE(items.empty());
  EXPECT_FALSE(items[0].has_snapshot());
  // From the crash to the new process' STARTED, each event once.
  std::vector<std::string> tokens;
  for (const auto& item : items) tokens.push_back(item.event().token());
  std::vector<std::string> unique = tokens;
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
  EXPECT_EQ(tokens.size(), unique.size());
  EXPECT_EQ(items.back().event().worker_changed().state(),
            admin::v1::WORKER_STATE_STARTED);
}

TEST_F(Stage, ASlowWatcherIsToldWhatItLost) {
  world_.Start({core::TestSpec("web", 1)});
  uint64_t call = Open("WatchEvents", admin::v1::WatchEventsRequest());
  // It takes nothing beyond its first credits.
  for (int i = 0; i < 3000; ++i) {
    server_.OnGatewayEvent(absl::StrCat("event ", i));
    server_.Flush();
  }
  EXPECT_EQ(heard(call).responses.size(), Server::kCreditsFirst);
  Credit(call, 2);
  auto items = Stream<WatchEventsResponse>(call);
  ASSERT_EQ(items.size(), Server::kCreditsFirst + 2);
  EXPECT_GT(items[Server::kCreditsFirst].lost().events(), 0u);
  EXPECT_TRUE(items.back().has_event());
}

TEST_F(Stage, WatchOfOnePoolHearsNoOther) {
  world_.Start({core::TestSpec("web", 1), core::TestSpec("mail", 1)});
  server_.Flush();
  uint64_t call =
      Open("WatchEvents", For<admin::v1::WatchEventsRequest>("web"));
  size_t before = heard(call).responses.size();
  world_.Die(world_.Incumbent("mail", 0), SIGKILL, 0);
  server_.Flush();
  EXPECT_EQ(heard(call).responses.size(), before);
}

TEST_F(Stage, ALargeSnapshotComesInParts) {
  world_.Start({core::TestSpec("web", 1000)});
  uint64_t call = Open("WatchEvents", admin::v1::WatchEventsRequest());
  int workers = 0;
  auto items = Stream<WatchEventsResponse>(call);
  for (const auto& item : items) {
    workers += item.snapshot().workers_size();
    EXPECT_EQ(item.snapshot().more(), &item != &items.back());
    EXPECT_LT(item.ByteSizeLong(), size_t{900 * 1024});
  }
  EXPECT_EQ(workers, 1000);
}

TEST_F(Stage, LogsAreKeptFollowedAndBounded) {
  world_.Start({core::TestSpec("web", 2)});
  auto write = [&](uint32_t slot, const std::string& text) {
    output::Line line;
    line.pool = "web";
    line.slot = slot;
    line.text = text;
    backend_.store.Append(line);
  };
  write(0, "before");
  write(1, "other slot");
  admin::v1::TailLogsRequest request = For<admin::v1::TailLogsRequest>("web");
  request.set_slot(0);
  request.set_follow(true);
  uint64_t call = Open("TailLogs", request);
  write(0, "a\x1b[31m");
  server_.Flush();
  auto lines = Stream<admin::v1::LogLine>(call);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].line(), "before");
  EXPECT_EQ(lines[1].line(), "a\\x1B[31m");
  for (int i = 0; i < 2000; ++i) write(0, "flood");
  server_.Flush();
  Credit(call, 1024);
  write(0, "after");
  server_.Flush();
  lines = Stream<admin::v1::LogLine>(call);
  EXPECT_EQ(lines.back().line(), "after");
  EXPECT_GT(lines.back().lost(), 0u);
  Abandon(call);
  write(0, "nobody listens");
}

TEST_F(Stage, CallsAreBounded) {
  for (size_t i = 0; i < Server::kCallsMax; ++i) {
    Open("WatchEvents", admin::v1::WatchEventsRequest());
  }
  uint64_t call = Open("ListPools", admin::v1::ListPoolsRequest());
  EXPECT_EQ(heard(call).detail.reason(), "TOO_MANY_CALLS");
  Abandon(1);
  Ask<admin::v1::ListPoolsResponse>("ListPools", admin::v1::ListPoolsRequest());
}

TEST_F(Stage, ALostGatewayTakesItsCallsAlong) {
  Open("WatchEvents", admin::v1::WatchEventsRequest());
  server_.OnGatewayLost();
  EXPECT_EQ(server_.open_calls(), 0u);
  server_.OnGatewayStarted();
  EXPECT_EQ(setup_.listen_fd(), 4u);
}

TEST_F(Stage, HealthFollowsThePools) {
  world_.Start({core::TestSpec("web", 1)});
  server_.Flush();
  ASSERT_FALSE(healths_.empty());
  auto serving = [&](const std::string& service) {
    for (const auto& entry : healths_.back().entries()) {
      if (entry.service() == service) return entry.serving();
    }
    return false;
  };
  EXPECT_TRUE(serving("web"));
  EXPECT_TRUE(serving(""));
  ASSERT_TRUE(world_.Submit(core::StopPool{"web"}).ok());
  server_.Flush();
  EXPECT_FALSE(serving("web"));
  EXPECT_FALSE(serving(""));
}

TEST_F(Stage, FramesWithoutABodyOrForUnknownCallsAreNothing) {
  server_.OnFrame(control::v1::ToSupervisor());
  Credit(77, 5);
  Abandon(77);
  EXPECT_EQ(server_.open_calls(), 0u);
}

}  // namespace
}  // namespace drover::control
