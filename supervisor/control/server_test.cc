// What clients of the admin API get, seen from the gateway.
#include "supervisor/control/server.h"

#include <algorithm>
#include <csignal>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "supervisor/base/log.h"
#include "supervisor/control/refusals.h"
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

// Between two pages the first pool loses workers and a slot is replaced.
TEST_F(Stage, PagesNeitherSkipNorRepeatWhatStays) {
  world_.Start({core::TestSpec("mail", 4), core::TestSpec("web", 3)});
  admin::v1::ListWorkersRequest request;
  request.set_page_size(5);
  auto first = Ask<admin::v1::ListWorkersResponse>("ListWorkers", request);
  ASSERT_EQ(first.workers(4).id().pool(), "web");
  ASSERT_TRUE(world_.Submit(core::Scale{"mail", 1}).ok());
  request.set_page_token(first.next_page_token());
  auto second = Ask<admin::v1::ListWorkersResponse>("ListWorkers", request);
  ASSERT_EQ(second.workers_size(), 2);
  EXPECT_EQ(second.workers(0).id().slot(), 1u);
  EXPECT_EQ(second.workers(1).id().slot(), 2u);
  EXPECT_EQ(second.next_page_token(), "");
  // The place is in another pool than the one asked for now.
  request.set_pool("mail");
  EXPECT_EQ(heard(Open("ListWorkers", request)).detail.reason(),
            "BAD_PAGE_TOKEN");
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

// Each reason that this room gives by itself can be had, in its own form.
TEST_F(Stage, EveryOwnRefusalIsReachable) {
  world_.Start({core::TestSpec("web", 1)});
  std::map<std::string, absl::StatusCode> had;
  auto ask = [&](const std::string& method,
                 const google::protobuf::Message& request,
                 uint32_t uid = kOperator) {
    const Heard& answer = heard(Open(method, request, uid));
    EXPECT_TRUE(answer.ended) << method;
    EXPECT_FALSE(answer.message.empty()) << method;
    EXPECT_FALSE(answer.detail.remedy().empty()) << method;
    had[answer.detail.reason()] = answer.code;
  };
  admin::v1::GetWorkerRequest slot = For<admin::v1::GetWorkerRequest>("web");
  slot.set_slot(7);
  admin::v1::GetOperationRequest operation;
  operation.set_id("op-99");
  admin::v1::ListWorkersRequest page;
  page.set_page_token("x");
  admin::v1::WatchEventsRequest token;
  ask("Reboot", slot);
  ask("UpgradeSupervisor", admin::v1::UpgradeSupervisorRequest());
  ask("Shutdown", admin::v1::ShutdownRequest(), kObserver);
  ask("GetPool", admin::v1::GetPoolRequest());
  ask("GetPool", For<admin::v1::GetPoolRequest>("x"));
  ask("GetWorker", slot);
  ask("GetOperation", operation);
  ask("ListWorkers", page);
  token.set_token("session.99999");
  ask("WatchEvents", token);
  token.set_token("another.1");
  ask("WatchEvents", token);
  for (size_t i = 0; i <= EventLog::kEventsKept; ++i) {
    server_.OnGatewayEvent("one more");
  }
  token.set_token("session.0");
  ask("WatchEvents", token);
  ask("ApplyConfig", admin::v1::ApplyConfigRequest());
  // More bytes than a message may have.
  had[heard(OpenRaw("GetPool", "\xff\xff")).detail.reason()] =
      absl::StatusCode::kInvalidArgument;
  backend_.version_text = std::string(2 << 20, 'v');
  ask("GetSupervisor", admin::v1::GetSupervisorRequest());
  ask("WatchEvents", admin::v1::WatchEventsRequest());
  backend_.version_text = "1.2.3";
  room_ = 0;
  ask("ListPools", admin::v1::ListPoolsRequest());
  room_ = Server::kCallsMax * 2;
  for (size_t i = 0; i < Server::kCallsMax; ++i) {
    Open("WatchEvents", admin::v1::WatchEventsRequest());
  }
  ask("ListPools", admin::v1::ListPoolsRequest());
  room_ = std::numeric_limits<uint64_t>::max();
  server_.Finish([] {});
  ask("WatchEvents", admin::v1::WatchEventsRequest());

  std::vector<std::string> reasons;
  for (const auto& [reason, code] : had) reasons.push_back(reason);
  std::vector<std::string> own;
  for (absl::string_view reason : OwnReasons()) own.emplace_back(reason);
  std::sort(own.begin(), own.end());
  EXPECT_EQ(reasons, own);
  EXPECT_EQ(had["TOKEN_OF_ANOTHER_SESSION"], absl::StatusCode::kOutOfRange);
  EXPECT_EQ(had["TOKEN_TOO_OLD"], absl::StatusCode::kOutOfRange);
  EXPECT_EQ(had["SUPERVISOR_BUSY"], absl::StatusCode::kResourceExhausted);
}

// What a client sends comes back to it cut, or it could make frames that end
// the gateway.
TEST_F(Stage, RefusalsOfHugeAndHostileNamesStaySmall) {
  const std::string huge(1000 * 1000, '\x1b');
  for (const char* method : {"GetPool", "ReloadPool", "TailLogs"}) {
    const Heard& answer =
        heard(Open(method, For<admin::v1::GetPoolRequest>(huge)));
    EXPECT_EQ(answer.code, absl::StatusCode::kNotFound) << method;
    EXPECT_LT(answer.message.size(), 1100u) << method;
    EXPECT_EQ(answer.message.find('\x1b'), std::string::npos) << method;
    EXPECT_EQ(answer.detail.reason(), "UNKNOWN_POOL");
  }
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

// One clean end, one that is not: each says so in state and in exit.
TEST_F(Stage, TheStateOfAnEndIsHowItEnded) {
  world_.Start({core::TestSpec("web", 2)});
  server_.Flush();
  uint64_t call = Open("WatchEvents", admin::v1::WatchEventsRequest());
  world_.Die(world_.Incumbent("web", 0), SIGKILL, 0);
  ASSERT_TRUE(world_.Submit(core::Scale{"web", 1}).ok());
  server_.Flush();
  std::vector<std::string> ends;
  for (const auto& item : Stream<WatchEventsResponse>(call)) {
    if (item.event().has_worker_exited()) ends.push_back("exit");
    if (!item.event().has_worker_changed()) continue;
    const auto& changed = item.event().worker_changed();
    if (changed.state() == admin::v1::WORKER_STATE_SHUT_DOWN ||
        changed.state() == admin::v1::WORKER_STATE_FAILED) {
      ends.push_back(admin::v1::WorkerState_Name(changed.state()));
    }
  }
  EXPECT_EQ(ends, (std::vector<std::string>{"WORKER_STATE_FAILED", "exit",
                                            "WORKER_STATE_SHUT_DOWN", "exit"}));
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
  for (size_t i = 0; i < EventLog::kEventsKept + 1000; ++i) {
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

TEST_F(Stage, WatchOfAPoolThatIsNotThereIsRefused) {
  world_.Start({core::TestSpec("web", 1)});
  const Heard& answer =
      heard(Open("WatchEvents", For<admin::v1::WatchEventsRequest>("wbe")));
  EXPECT_EQ(answer.code, absl::StatusCode::kNotFound);
  EXPECT_EQ(answer.detail.reason(), "UNKNOWN_POOL");
  EXPECT_EQ(answer.detail.field(), "pool");
  EXPECT_FALSE(answer.detail.remedy().empty());
}

TEST_F(Stage, LogsAreKeptFollowedAndSafeToShow) {
  world_.Start({core::TestSpec("web", 2)});
  Write(0, "before");
  Write(1, "other slot");
  admin::v1::TailLogsRequest request = For<admin::v1::TailLogsRequest>("web");
  request.set_slot(0);
  request.set_follow(true);
  uint64_t call = Open("TailLogs", request);
  Write(0, "a\x1b[31m");
  server_.Flush();
  auto lines = Stream<admin::v1::LogLine>(call);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].line(), "before");
  EXPECT_EQ(lines[1].line(), "a\\x1B[31m");
  Abandon(call);
  Write(0, "nobody listens");
  server_.Flush();
  EXPECT_EQ(heard(call).responses.size(), 2u);
}

TEST_F(Stage, KeptLogsEndWithoutFollow) {
  world_.Start({core::TestSpec("web", 1)});
  for (int i = 0; i < 5; ++i) Write(0, absl::StrCat("line ", i));
  admin::v1::TailLogsRequest request;
  request.set_lines(2);
  uint64_t call = Open("TailLogs", request);
  EXPECT_TRUE(heard(call).ended);
  ASSERT_EQ(heard(call).responses.size(), 2u);
  EXPECT_EQ(Stream<admin::v1::LogLine>(call)[0].line(), "line 3");
}

// The newest lines stay, and the first of them says how many went.
TEST_F(Stage, ASlowLogReaderIsToldWhatItLost) {
  world_.Start({core::TestSpec("web", 1)});
  admin::v1::TailLogsRequest request;
  request.set_follow(true);
  uint64_t call = Open("TailLogs", request);
  const std::string text(8000, 'x');
  for (int i = 0; i < 400; ++i) Write(0, text);
  Write(0, "the last");
  server_.Flush();
  Credit(call, Server::kCreditsMax);
  auto lines = Stream<admin::v1::LogLine>(call);
  EXPECT_LT(lines.size(), 300u);
  uint64_t lost = 0;
  for (const auto& line : lines) lost += line.lost();
  EXPECT_EQ(lost + lines.size(), 401u);
  EXPECT_EQ(lines.back().line(), "the last");
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

// The gateway says these when a call has just ended.
TEST_F(Stage, CreditAndAbandonForUnknownCallsAreNothing) {
  Credit(77, 5);
  Abandon(77);
  EXPECT_EQ(server_.open_calls(), 0u);
  EXPECT_TRUE(violations_.empty());
}

TEST_F(Stage, AnEmptyFrameIsAViolation) {
  server_.OnFrame(control::v1::ToSupervisor());
  EXPECT_EQ(violations_.size(), 1u);
}

TEST_F(Stage, ACallIdTwiceIsAViolationAndAnswersNobody) {
  uint64_t watch = Open("WatchEvents", admin::v1::WatchEventsRequest());
  control::v1::ToSupervisor frame;
  frame.mutable_call()->set_id(watch);
  frame.mutable_call()->mutable_caller()->set_uid(kOperator);
  frame.mutable_call()->set_method("GetSupervisor");
  server_.OnFrame(frame);
  EXPECT_EQ(violations_, (std::vector<std::string>{"call 1 after call 1"}));
  EXPECT_EQ(heard(watch).responses.size(), 1u);
  EXPECT_FALSE(heard(watch).ended);
}

TEST_F(Stage, AnotherGatewayCountsItsCallsAnew) {
  Open("WatchEvents", admin::v1::WatchEventsRequest());
  server_.OnGatewayLost();
  server_.OnGatewayStarted();
  control::v1::ToSupervisor frame;
  frame.mutable_call()->set_id(1);
  server_.OnFrame(frame);
  EXPECT_TRUE(violations_.empty());
}

TEST_F(Stage, CreditIsBounded) {
  uint64_t call = Open("WatchEvents", admin::v1::WatchEventsRequest());
  for (int i = 0; i < 3; ++i) {
    Credit(call, std::numeric_limits<uint32_t>::max());
  }
  for (uint32_t i = 0; i < 2 * Server::kCreditsMax; ++i) {
    server_.OnGatewayEvent("one more");
  }
  server_.Flush();
  EXPECT_EQ(heard(call).responses.size(), 1 + Server::kCreditsMax);
}

TEST_F(Stage, AFullChannelIsWaitedForAndNobodyIsAlwaysLast) {
  std::vector<uint64_t> calls;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(Open("WatchEvents", admin::v1::WatchEventsRequest()));
  }
  auto responses = [&] {
    std::vector<size_t> counts;
    for (uint64_t call : calls) counts.push_back(heard(call).responses.size());
    return counts;
  };
  ASSERT_EQ(responses(), (std::vector<size_t>{1, 1, 1}));
  for (int i = 0; i < 4; ++i) server_.OnGatewayEvent("one more");
  room_ = 6;
  server_.Flush();
  EXPECT_EQ(responses(), (std::vector<size_t>{5, 3, 1}));
  for (int i = 0; i < 4; ++i) server_.OnGatewayEvent("another");
  room_ = 8;
  server_.Flush();
  EXPECT_EQ(responses(), (std::vector<size_t>{5, 9, 3}));
  room_ = 100;
  server_.Flush();
  EXPECT_EQ(responses(), (std::vector<size_t>{9, 9, 9}));
}

// Its answer waits until there is room.
TEST_F(Stage, AChangeIsNotTurnedAwayForWantOfRoom) {
  world_.Start({core::TestSpec("web", 1)});
  admin::v1::ScalePoolRequest scale;
  scale.set_pool("web");
  scale.set_count(2);
  room_ = 0;
  uint64_t call = Open("ScalePool", scale);
  EXPECT_EQ(world_.core().FindPool("web")->count, 2u);
  EXPECT_TRUE(heard(call).responses.empty());
  room_ = 100;
  server_.Flush();
  EXPECT_TRUE(heard(call).ended);
  EXPECT_EQ(Stream<Operation>(call).back().state(),
            admin::v1::OPERATION_STATE_SUCCEEDED);
}

TEST_F(Stage, ChangesOfOneTurnAreToldAsOne) {
  world_.behave = [](const core::Identity&) {
    core::Behaviour behaviour;
    behaviour.starts = false;
    return behaviour;
  };
  ASSERT_TRUE(world_
                  .Submit([] {
                    core::Apply apply;
                    apply.changes.push_back(
                        {core::PoolChangeKind::kAdd, core::TestSpec("web", 5)});
                    return apply;
                  }())
                  .ok());
  server_.Flush();
  admin::v1::WatchOperationRequest request;
  request.set_id("op-1");
  uint64_t call = Open("WatchOperation", request);
  ASSERT_EQ(heard(call).responses.size(), 1u);
  worker::v1::ToSupervisor started;
  started.mutable_state()->set_state(worker::v1::STATE_STARTED);
  for (core::Incarnation worker : world_.Alive("web")) {
    world_.Say(worker, started);
  }
  EXPECT_EQ(heard(call).responses.size(), 1u);
  server_.Flush();
  EXPECT_EQ(heard(call).responses.size(), 2u);
  EXPECT_TRUE(heard(call).ended);
  // A turn in which nothing happened says nothing.
  server_.Flush();
  EXPECT_EQ(heard(call).responses.size(), 2u);
}

TEST_F(Stage, ChangesLeaveALineForTheRecordWithoutSecrets) {
  world_.Start({core::TestSpec("web", 1)});
  log::SetFilter("control");
  testing::internal::CaptureStderr();
  admin::v1::ScalePoolRequest scale;
  scale.set_pool("web");
  scale.set_count(2);
  Open("ScalePool", scale);
  scale.set_count(0);
  Open("ScalePool", scale);
  Open("ScalePool", scale, kObserver);
  admin::v1::ApplyConfigRequest apply;
  (*apply.mutable_config()->add_pools()->mutable_environment())["KEY"] = "hush";
  Open("ApplyConfig", apply);
  std::string lines = testing::internal::GetCapturedStderr();
  log::SetFilter("");
  EXPECT_NE(lines.find("audit: uid 1000 pid 77 ScalePool pool=web count=2: "
                       "accepted\n"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("ScalePool pool=web count=0: refused, "
                       "COUNT_OUT_OF_RANGE\n"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("refused: uid 2000 may not ScalePool\n"),
            std::string::npos)
      << lines;
  EXPECT_EQ(lines.find("hush"), std::string::npos) << lines;
}

}  // namespace
}  // namespace drover::control
