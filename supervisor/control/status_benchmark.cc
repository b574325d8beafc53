// What a full status costs the supervisor: GetSupervisor, ListPools and all
// pages of ListWorkers, from frame to frame; and a turn of the loop with
// watchers.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <utility>

#include "supervisor/control/server.h"
#include "supervisor/control/testing/stage.h"

namespace drover::control {
namespace {

constexpr uint32_t kUid = 1000;

// A gateway that counts.
class Client {
 public:
  explicit Client(uint32_t workers)
      : server_(&backend_, Options(),
                [this](const control::v1::ToGateway& frame) { Hear(frame); }) {
    worker::v1::ToSupervisor gauges;
    for (const char* name : {"requests", "connections", "heap"}) {
      auto* gauge = gauges.mutable_gauges()->add_gauges();
      gauge->set_name(name);
      gauge->set_value(42);
    }
    backend_.world.behave = [](const core::Identity&) {
      core::Behaviour behaviour;
      behaviour.capabilities.push_back(worker::v1::CAPABILITY_GAUGES);
      return behaviour;
    };
    backend_.world.Start({core::TestSpec("web", workers)});
    for (core::Incarnation worker : backend_.world.Alive("web")) {
      backend_.world.Say(worker, gauges);
    }
    backend_.world.on_notice = [this](const core::Notice& notice) {
      server_.OnNotice(notice);
    };
  }

  void Call(const std::string& method,
            const google::protobuf::Message& request) {
    control::v1::ToSupervisor frame;
    frame.mutable_call()->set_id(++calls_);
    frame.mutable_call()->mutable_caller()->set_uid(kUid);
    frame.mutable_call()->set_method(method);
    frame.mutable_call()->set_request(request.SerializeAsString());
    server_.OnFrame(frame);
  }

  void Status() {
    Call("GetSupervisor", admin::v1::GetSupervisorRequest());
    Call("ListPools", admin::v1::ListPoolsRequest());
    admin::v1::ListWorkersRequest request;
    do {
      Call("ListWorkers", request);
      admin::v1::ListWorkersResponse page;
      page.ParseFromString(last_);
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }

  core::Harness& world() { return backend_.world; }
  Server& server() { return server_; }
  uint64_t bytes() const { return bytes_; }

 private:
  static Server::Options Options() {
    Server::Options options;
    options.roles.resize(1);
    options.roles[0].set_uid(kUid);
    options.roles[0].set_operate(true);
    return options;
  }

  void Hear(const control::v1::ToGateway& frame) {
    const std::string wire = frame.SerializeAsString();
    bytes_ += wire.size();
    if (frame.has_reply()) last_ = frame.reply().response();
  }

  HarnessBackend backend_;
  Server server_;
  uint64_t calls_ = 0;
  uint64_t bytes_ = 0;
  std::string last_;
};

// Includes the client's parsing of each page for its token.
void FullStatus(benchmark::State& state) {
  Client client(static_cast<uint32_t>(state.range(0)));
  const uint64_t before = client.bytes();
  for (auto _ : state) client.Status();
  state.counters["bytes"] = static_cast<double>(client.bytes() - before) /
                            static_cast<double>(state.iterations());
}
BENCHMARK(FullStatus)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(4096)
    ->Unit(benchmark::kMicrosecond);

// One worker changes while an operation on its pool is watched.
void WatchedTurn(benchmark::State& state) {
  Client client(static_cast<uint32_t>(state.range(0)));
  client.world().behave = [](const core::Identity&) {
    core::Behaviour behaviour;
    behaviour.starts = false;
    return behaviour;
  };
  admin::v1::ReloadPoolRequest reload;
  reload.set_pool("web");
  client.Call("ReloadPool", reload);
  core::WorkerChanged changed;
  changed.worker.pool = "web";
  for (auto _ : state) {
    client.server().OnNotice(changed);
    client.server().Flush();
  }
}
BENCHMARK(WatchedTurn)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

// A turn in which nothing concerns any of the watchers.
void IdleTurn(benchmark::State& state) {
  Client client(1);
  for (int64_t i = 0; i < state.range(0); ++i) {
    client.Call("WatchEvents", admin::v1::WatchEventsRequest());
  }
  for (auto _ : state) client.server().Flush();
}
BENCHMARK(IdleTurn)->Arg(1)->Arg(1000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace drover::control

BENCHMARK_MAIN();
