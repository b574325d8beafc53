#include "supervisor/control/methods.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/config/diff.h"
#include "supervisor/config/host.h"
#include "supervisor/config/normalize.h"
#include "supervisor/config/problem.h"
#include "supervisor/control/answers.h"
#include "supervisor/control/limits.h"
#include "supervisor/control/refusals.h"
#include "supervisor/control/safe_text.h"
#include "supervisor/control/streams.h"
#include "supervisor/control/views.h"
#include "supervisor/control/worker_page.h"

namespace drover::control {
namespace {

using namespace admin::v1;  // NOLINT: the requests and responses, all of them

constexpr size_t kNameShown = 80;
constexpr size_t kPathShown = 400;

// Parses the request and calls the typed handler.
template <typename Request, Answer (*handler)(const Scene&, const Request&)>
Answer Typed(const Scene& scene, const std::string& bytes) {
  Request request;
  if (!request.ParseFromString(bytes)) return Malformed();
  return handler(scene, request);
}

// What the request names, for the record: nothing that could be a secret.
template <typename Request>
std::string Summary(const std::string& bytes) {
  Request request;
  if (!request.ParseFromString(bytes)) return "";
  std::string text;
  if constexpr (requires { request.pool(); }) {
    absl::StrAppend(&text, " pool=", SafeText(request.pool(), kNameShown));
  }
  if constexpr (requires { request.slot(); }) {
    absl::StrAppend(&text, " slot=", request.slot());
  }
  if constexpr (requires { request.count(); }) {
    absl::StrAppend(&text, " count=", request.count());
  }
  if constexpr (requires { request.hard(); }) {
    absl::StrAppend(&text, request.hard() ? " hard" : "");
  }
  if constexpr (requires { request.fast(); }) {
    absl::StrAppend(&text, request.fast() ? " fast" : "");
  }
  if constexpr (requires { request.in_place(); }) {
    absl::StrAppend(&text, request.in_place() ? " in place" : "");
  }
  if constexpr (requires { request.binary(); }) {
    absl::StrAppend(&text, " binary=", SafeText(request.binary(), kPathShown));
  }
  if constexpr (requires { request.id(); }) {
    absl::StrAppend(&text, " id=", SafeText(request.id(), kNameShown));
  }
  return text;
}

template <typename Response>
Answer Ok(const Response& response) {
  return response.SerializeAsString();
}

Answer Follow(const Scene& scene, absl::StatusOr<core::OperationId> operation) {
  if (!operation.ok()) return operation.status();
  return MakeOperationStream(scene.backend, *operation);
}

// Reads ----------------------------------------------------------------------

Answer GetSupervisor(const Scene& scene, const GetSupervisorRequest&) {
  return Ok(Info(scene.backend));
}

Answer ListPools(const Scene& scene, const ListPoolsRequest&) {
  ListPoolsResponse response;
  for (Pool& pool : AllPools(scene.backend, "")) {
    *response.add_pools() = std::move(pool);
  }
  return Ok(response);
}

Answer GetPool(const Scene& scene, const GetPoolRequest& request) {
  if (request.pool().empty()) return Missing("pool");
  auto view = scene.backend.core().FindPool(request.pool());
  if (!view) return UnknownPool(request.pool());
  return Ok(ToMessage(*view, scene.backend.Listeners(view->name),
                      ClockOf(scene.backend)));
}

Answer ListWorkers(const Scene& scene, const ListWorkersRequest& request) {
  auto page = WorkerPage(scene.backend, request);
  if (!page.ok()) return page.status();
  return Ok(*page);
}

Answer GetWorker(const Scene& scene, const GetWorkerRequest& request) {
  if (request.pool().empty()) return Missing("pool");
  if (!scene.backend.core().FindPool(request.pool())) {
    return UnknownPool(request.pool());
  }
  auto view = scene.backend.core().FindWorker(request.pool(), request.slot());
  if (!view) return UnknownSlot(request.pool(), request.slot());
  return Ok(ToMessage(*view, ClockOf(scene.backend)));
}

Answer ListOperations(const Scene& scene,
                      const ListOperationsRequest& request) {
  ListOperationsResponse response;
  size_t bytes = 0;
  for (Operation& operation :
       AllOperations(scene.backend, request.pool(), request.running_only())) {
    bytes += operation.ByteSizeLong();
    if (bytes > kPartBytes) {
      response.set_omitted(response.omitted() + 1);
    } else {
      *response.add_operations() = std::move(operation);
    }
  }
  return Ok(response);
}

// The operation behind a request's id.
absl::StatusOr<core::OperationView> Find(const Scene& scene,
                                         const std::string& id) {
  if (id.empty()) return Missing("id");
  std::optional<core::OperationId> parsed = ParseOperationId(id);
  if (!parsed) return UnknownOperation(id);
  auto view = scene.backend.core().FindOperation(*parsed);
  if (!view) return UnknownOperation(id);
  return *std::move(view);
}

Answer GetOperation(const Scene& scene, const GetOperationRequest& request) {
  auto view = Find(scene, request.id());
  if (!view.ok()) return view.status();
  return Ok(ToMessage(*view, ClockOf(scene.backend)));
}

Answer WatchOperation(const Scene& scene,
                      const WatchOperationRequest& request) {
  auto view = Find(scene, request.id());
  if (!view.ok()) return view.status();
  return MakeOperationStream(scene.backend, view->id);
}

absl::StatusOr<config::v1::Config> Checked(const config::v1::Config& config) {
  auto checked = config::Prepare(config, config::ThisHost());
  if (checked.ok()) return checked;
  auto problem = config::ProblemOf(checked.status());
  return BadConfig(checked.status().message(), problem ? problem->field : "",
                   problem ? problem->remedy : "");
}

Answer PlanConfig(const Scene& scene, const PlanConfigRequest& request) {
  auto desired = Checked(request.config());
  if (!desired.ok()) return desired.status();
  return Ok(config::Diff(scene.backend.CurrentConfig(), *desired));
}

Answer WatchEvents(const Scene& scene, const WatchEventsRequest& request) {
  if (request.token().empty()) {
    if (!request.pool().empty() &&
        !scene.backend.core().FindPool(request.pool())) {
      return UnknownPool(request.pool());
    }
    return MakeEventStream(scene.backend, scene.events, request.pool());
  }
  auto from = scene.events.After(request.token());
  if (!from.ok()) return from.status();
  return ResumeEventStream(scene.events, request.pool(), *from);
}

Answer TailLogs(const Scene& scene, const TailLogsRequest& request) {
  if (!request.pool().empty() &&
      !scene.backend.core().FindPool(request.pool())) {
    return UnknownPool(request.pool());
  }
  if (request.has_slot()) {
    if (request.pool().empty()) return Missing("pool");
    if (!scene.backend.core().FindWorker(request.pool(), request.slot())) {
      return UnknownSlot(request.pool(), request.slot());
    }
  }
  return MakeLogStream(scene.backend.output(), request);
}

// Changes --------------------------------------------------------------------

Answer ApplyConfig(const Scene& scene, const ApplyConfigRequest& request) {
  auto desired = Checked(request.config());
  if (!desired.ok()) return desired.status();
  return Follow(scene, scene.backend.ApplyConfig(*desired, scene.caller));
}

Answer ScalePool(const Scene& scene, const ScalePoolRequest& request) {
  if (request.pool().empty()) return Missing("pool");
  return Follow(
      scene, scene.backend.Submit(core::Scale{request.pool(), request.count()},
                                  scene.caller));
}

Answer ReloadPool(const Scene& scene, const ReloadPoolRequest& request) {
  if (request.pool().empty()) return Missing("pool");
  core::Reload reload{request.pool()};
  if (request.has_in_place()) reload.in_place = request.in_place();
  return Follow(scene, scene.backend.Submit(reload, scene.caller));
}

Answer RestartWorker(const Scene& scene, const RestartWorkerRequest& request) {
  if (request.pool().empty()) return Missing("pool");
  return Follow(scene, scene.backend.Submit(
                           core::RestartWorker{request.pool(), request.slot()},
                           scene.caller));
}

Answer StopPool(const Scene& scene, const StopPoolRequest& request) {
  if (request.pool().empty()) return Missing("pool");
  return Follow(scene, scene.backend.Submit(core::StopPool{request.pool()},
                                            scene.caller));
}

Answer StartPool(const Scene& scene, const StartPoolRequest& request) {
  if (request.pool().empty()) return Missing("pool");
  return Follow(scene, scene.backend.Submit(core::StartPool{request.pool()},
                                            scene.caller));
}

Answer Shutdown(const Scene& scene, const ShutdownRequest& request) {
  core::Urgency urgency = core::Urgency::kGraceful;
  if (request.fast()) urgency = core::Urgency::kFast;
  if (request.hard()) urgency = core::Urgency::kHard;
  return Follow(scene,
                scene.backend.Submit(core::Shutdown{urgency}, scene.caller));
}

Answer UpgradeSupervisor(const Scene& scene,
                         const UpgradeSupervisorRequest& request) {
  absl::Status begun = scene.backend.Upgrade(request.binary(), scene.caller);
  if (!begun.ok()) return begun;
  return MakeUpgradeStream(scene.backend);
}

Answer CancelOperation(const Scene& scene,
                       const CancelOperationRequest& request) {
  auto view = Find(scene, request.id());
  if (!view.ok()) return view.status();
  absl::Status status = scene.backend.Cancel(view->id, scene.caller);
  if (!status.ok()) return status;
  auto after = Find(scene, request.id());
  if (!after.ok()) return after.status();
  return Ok(ToMessage(*after, ClockOf(scene.backend)));
}

}  // namespace

#define DROVER_METHOD(name, role)                                             \
  Method {                                                                    \
#name, Role::role, Typed < name##Request, name>, Summary < name##Request> \
  }

const std::vector<Method>& AllMethods() {
  static const auto& methods = *new std::vector<Method>{
      DROVER_METHOD(GetSupervisor, kObserve),
      DROVER_METHOD(ListPools, kObserve),
      DROVER_METHOD(GetPool, kObserve),
      DROVER_METHOD(ListWorkers, kObserve),
      DROVER_METHOD(GetWorker, kObserve),
      DROVER_METHOD(ListOperations, kObserve),
      DROVER_METHOD(GetOperation, kObserve),
      DROVER_METHOD(WatchOperation, kObserve),
      DROVER_METHOD(PlanConfig, kObserve),
      DROVER_METHOD(WatchEvents, kObserve),
      DROVER_METHOD(TailLogs, kObserve),
      DROVER_METHOD(ApplyConfig, kOperate),
      DROVER_METHOD(ScalePool, kOperate),
      DROVER_METHOD(ReloadPool, kOperate),
      DROVER_METHOD(RestartWorker, kOperate),
      DROVER_METHOD(StopPool, kOperate),
      DROVER_METHOD(StartPool, kOperate),
      DROVER_METHOD(Shutdown, kOperate),
      DROVER_METHOD(UpgradeSupervisor, kOperate),
      DROVER_METHOD(CancelOperation, kOperate),
  };
  return methods;
}

#undef DROVER_METHOD

const Method* FindMethod(absl::string_view name) {
  const auto& methods = AllMethods();
  auto it = std::find_if(
      methods.begin(), methods.end(),
      [name](const Method& method) { return method.name == name; });
  return it == methods.end() ? nullptr : &*it;
}

}  // namespace drover::control
