// For tests of clients in other languages: a gateway whose supervisor has two
// pools and no workers. Prints the path of its admin socket, and serves until
// standard input ends.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/admin/fake_supervisor.h"

namespace drover::admin {
namespace {

using control::v1::Call;
using control::v1::ToSupervisor;

constexpr int kInvalidArgument = 3;
constexpr int kNotFound = 5;
constexpr int kUnimplemented = 12;

class Pools {
 public:
  explicit Pools(FakeSupervisor* fake) : fake_(fake) {
    for (const char* name : {"web", "queue"}) {
      v1::Pool* pool = pools_.add_pools();
      pool->set_name(name);
      pool->set_state(v1::POOL_STATE_RUNNING);
      pool->set_count(2);
      pool->set_ready(2);
      pool->set_generation(1);
    }
  }

  void Handle(const ToSupervisor& message) {
    if (message.has_abandon()) watchers_.erase(message.abandon().call());
    if (!message.has_call()) return;
    const Call& call = message.call();
    if (call.method() == "ListPools") {
      Answer(call, pools_);
    } else if (call.method() == "GetPool") {
      Get(call);
    } else if (call.method() == "ScalePool") {
      Scale(call);
    } else if (call.method() == "ReloadPool") {
      Reload(call);
    } else if (call.method() == "WatchEvents") {
      Watch(call);
    } else {
      Fail(call, kUnimplemented, "not played here", "NOT_PLAYED", "");
    }
  }

 private:
  void Answer(const Call& call, const google::protobuf::MessageLite& message) {
    fake_->Reply(call.id(), message);
    fake_->End(call.id());
  }

  void Fail(const Call& call, int code, const std::string& text,
            const std::string& reason, const std::string& field) {
    v1::ErrorDetail detail;
    detail.set_reason(reason);
    detail.set_field(field);
    detail.set_remedy("see ListPools");
    fake_->Fail(call.id(), code, text, detail.SerializeAsString());
  }

  // Null, and the call failed, if there is none.
  template <typename Request>
  v1::Pool* Find(const Call& call, Request* request) {
    if (!request->ParseFromString(call.request())) {
      Fail(call, kInvalidArgument, "not a request", "MALFORMED", "");
      return nullptr;
    }
    for (v1::Pool& pool : *pools_.mutable_pools()) {
      if (pool.name() == request->pool()) return &pool;
    }
    Fail(call, kNotFound, absl::StrCat("no pool '", request->pool(), "'"),
         "UNKNOWN_POOL", "pool");
    return nullptr;
  }

  void Get(const Call& call) {
    v1::GetPoolRequest request;
    if (v1::Pool* pool = Find(call, &request)) Answer(call, *pool);
  }

  void Scale(const Call& call) {
    v1::ScalePoolRequest request;
    v1::Pool* pool = Find(call, &request);
    if (pool == nullptr) return;
    pool->set_count(request.count());
    pool->set_ready(request.count());
    Operate(call, *pool, v1::OPERATION_KIND_SCALE);
  }

  void Reload(const Call& call) {
    v1::ReloadPoolRequest request;
    v1::Pool* pool = Find(call, &request);
    if (pool == nullptr) return;
    pool->set_generation(pool->generation() + 1);
    Operate(call, *pool, v1::OPERATION_KIND_RELOAD);
  }

  void Operate(const Call& call, const v1::Pool& pool, v1::OperationKind kind) {
    v1::Operation operation;
    operation.set_id(absl::StrCat("op-", ++last_operation_));
    operation.set_kind(kind);
    operation.set_pool(pool.name());
    operation.set_caller(absl::StrCat("uid ", call.caller().uid()));
    operation.set_state(v1::OPERATION_STATE_RUNNING);
    fake_->Reply(call.id(), operation);
    operation.set_state(v1::OPERATION_STATE_SUCCEEDED);
    Publish(pool);
    Answer(call, operation);
  }

  void Watch(const Call& call) {
    v1::WatchEventsResponse response;
    v1::Snapshot* snapshot = response.mutable_snapshot();
    snapshot->set_token(absl::StrCat(last_event_));
    *snapshot->mutable_pools() = pools_.pools();
    fake_->Reply(call.id(), response);
    watchers_.insert(call.id());
  }

  void Publish(const v1::Pool& pool) {
    v1::WatchEventsResponse response;
    v1::Event* event = response.mutable_event();
    event->set_token(absl::StrCat(++last_event_));
    v1::PoolChanged* changed = event->mutable_pool_changed();
    changed->set_pool(pool.name());
    changed->set_count(pool.count());
    changed->set_generation(pool.generation());
    for (uint64_t watcher : watchers_) fake_->Reply(watcher, response);
  }

  FakeSupervisor* const fake_;
  v1::ListPoolsResponse pools_;
  std::set<uint64_t> watchers_;
  uint64_t last_operation_ = 0;
  uint64_t last_event_ = 0;
};

int Main() {
  auto fake = FakeSupervisor::Start(FakeSupervisor::OwnUser());
  if (fake == nullptr || !fake->WaitReady()) return 1;
  std::printf("%s\n", fake->path().c_str());
  std::fflush(stdout);
  Pools pools(fake.get());
  while (fake->WaitForInput(STDIN_FILENO)) {
    std::optional<ToSupervisor> message = fake->Next();
    if (!message.has_value()) return 1;
    pools.Handle(*message);
  }
  return 0;
}

}  // namespace
}  // namespace drover::admin

int main() { return drover::admin::Main(); }
