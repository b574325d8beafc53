// What the core costs: events a second, and whether the cost of one depends on
// how many workers there are.
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/core/testing/spec.h"

namespace drover::core {
namespace {

using worker::v1::ToSupervisor;

// Pools of at most this many make up the number of workers.
constexpr uint32_t kPoolMax = 4096;

constexpr absl::Duration kInterval = absl::Seconds(10);

// A supervisor whose workers have all started, one after the other over one
// interval of the heartbeat; no process, no kernel.
class Population {
 public:
  explicit Population(uint32_t workers)
      : core_(Everyone()), step_(kInterval / workers) {
    Apply apply;
    for (uint32_t left = workers, pool = 0; left > 0; ++pool) {
      uint32_t count = std::min(left, kPoolMax);
      config::v1::Pool spec = TestSpec("pool-" + std::to_string(pool), count);
      spec.mutable_heartbeat()->mutable_interval()->set_seconds(
          absl::ToInt64Seconds(kInterval));
      apply.changes.push_back({PoolChangeKind::kAdd, spec});
      left -= count;
    }
    (void)core_.Submit(apply, "benchmark", now_, &effects_);
    for (Incarnation worker = 1; worker <= workers; ++worker) {
      now_ += step_;
      Handle(Spawned{worker, 1});
      ToSupervisor hello;
      hello.mutable_hello()->set_major(1);
      Say(worker, hello);
      ToSupervisor started;
      started.set_re(1);
      started.mutable_state()->set_state(worker::v1::STATE_STARTED);
      Say(worker, started);
    }
  }

  void Say(Incarnation worker, const ToSupervisor& message) {
    Handle(FrameReceived{worker, message});
  }

  void Handle(const Event& event) {
    effects_.clear();
    core_.Handle(event, now_, &effects_);
  }

  // One round of heartbeats, each worker in its turn: the time that brings its
  // Ping, and its Pong. The number of events.
  uint64_t Heartbeat(uint32_t workers) {
    const Event time_passed = TimePassed{};
    Event heard = FrameReceived{};
    auto& pong = std::get<FrameReceived>(heard);
    pong.message.mutable_pong()->set_id(++round_);
    for (Incarnation worker = 1; worker <= workers; ++worker) {
      now_ += step_;
      Handle(time_passed);
      pong.incarnation = worker;
      Handle(heard);
    }
    return uint64_t{workers} * 2;
  }

 private:
  static Options Everyone() {
    Options options;
    options.max_parallel_starts = 1 << 20;
    return options;
  }

  Supervisor core_;
  absl::Duration step_;
  absl::Time now_ = absl::UnixEpoch();
  Effects effects_;
  uint64_t round_ = 0;
};

void BM_Heartbeat(benchmark::State& state) {
  auto workers = static_cast<uint32_t>(state.range(0));
  Population population(workers);
  int64_t events = 0;
  for (auto _ : state) {
    events += static_cast<int64_t>(population.Heartbeat(workers));
  }
  state.SetItemsProcessed(events);
}
BENCHMARK(BM_Heartbeat)->Arg(10)->Arg(1000)->Arg(100000);

// From nothing to all STARTED: three events a worker. And what the core keeps
// for each.
void BM_Start(benchmark::State& state) {
  auto workers = static_cast<uint32_t>(state.range(0));
  {
    const size_t before = mallinfo2().uordblks;
    Population population(workers);
    state.counters["bytes_a_worker"] =
        static_cast<double>(mallinfo2().uordblks - before) / workers;
  }
  for (auto _ : state) {
    Population population(workers);
    benchmark::DoNotOptimize(population);
  }
  state.SetItemsProcessed(state.iterations() * workers * 3);
}
BENCHMARK(BM_Start)->Arg(10)->Arg(1000)->Arg(100000);

}  // namespace
}  // namespace drover::core

BENCHMARK_MAIN();
