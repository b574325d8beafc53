#include "supervisor/core/testing/harness.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "gtest/gtest.h"

namespace drover::core {
namespace {

using worker::v1::ToSupervisor;
using worker::v1::ToWorker;

ToSupervisor Report(uint64_t re, worker::v1::State state,
                    const std::string& text = "") {
  ToSupervisor message;
  message.set_re(re);
  message.mutable_state()->set_state(state);
  message.mutable_state()->set_text(text);
  return message;
}

}  // namespace

Harness::Harness(Options options) : core_(std::move(options)) {}

absl::StatusOr<OperationId> Harness::Submit(const Command& command) {
  auto operation = core_.Submit(command, "test", now_, &effects_);
  Run();
  return operation;
}

absl::Status Harness::Cancel(OperationId operation) {
  absl::Status status = core_.Cancel(operation, "test", now_, &effects_);
  Run();
  return status;
}

absl::Status Harness::Decide(const std::string& pool, uint32_t slot,
                             config::v1::ExitAction action) {
  absl::Status status = core_.Decide(pool, slot, action, now_, &effects_);
  Run();
  return status;
}

void Harness::Fact(const Event& event) {
  facts_.push_back(event);
  Run();
}

void Harness::Say(Incarnation incarnation, ToSupervisor message) {
  Fact(FrameReceived{incarnation, std::move(message)});
}

void Harness::Die(Incarnation incarnation, int signal, int code) {
  Process& process = processes_.at(incarnation);
  if (!process.alive) return;
  process.alive = false;
  process.serving = false;
  // As the kernel does it: the channel closes first.
  facts_.push_back(ChannelClosed{incarnation});
  Exited exited;
  exited.incarnation = incarnation;
  exited.signal = signal;
  exited.code = code;
  exited.last_output = {"last line"};
  facts_.push_back(std::move(exited));
  Run();
}

void Harness::Pass(absl::Duration duration) {
  absl::Time end = now_ + duration;
  while (core_.NextDeadline() <= end) {
    now_ = std::max(now_, core_.NextDeadline());
    facts_.push_back(TimePassed{});
    Run();
  }
  now_ = end;
}

void Harness::Start(std::vector<config::v1::Pool> specs) {
  Apply apply;
  apply.initial = true;
  for (config::v1::Pool& spec : specs) {
    apply.changes.push_back({PoolChangeKind::kAdd, std::move(spec)});
  }
  auto operation = Submit(apply);
  ASSERT_TRUE(operation.ok()) << operation.status();
  ASSERT_EQ(Operation(*operation).state, OperationState::kSucceeded);
  ResetExtremes();
}

void Harness::Run() {
  if (running_) return;
  running_ = true;
  while (!effects_.empty() || !facts_.empty()) {
    Effects effects = std::exchange(effects_, {});
    for (const Effect& effect : effects) {
      std::visit([this](const auto& e) { Do(e); }, effect);
      Watch();
    }
    if (facts_.empty()) continue;
    Event fact = std::move(facts_.front());
    facts_.pop_front();
    core_.Handle(fact, now_, &effects_);
  }
  running_ = false;
}

void Harness::Do(const Spawn& effect) {
  Incarnation incarnation = effect.identity.incarnation;
  Behaviour behaviour = behave(effect.identity);
  if (!behaviour.spawns) {
    facts_.push_back(SpawnFailed{incarnation, "execve", ENOENT, "./server"});
    return;
  }
  Process process;
  process.id = effect.identity;
  process.behaviour = behaviour;
  processes_.emplace(incarnation, process);
  facts_.push_back(Spawned{incarnation, static_cast<int32_t>(incarnation)});
  if (!behaviour.says_hello) return;
  ToSupervisor hello;
  hello.mutable_hello()->set_major(1);
  hello.mutable_hello()->set_pid(static_cast<uint32_t>(incarnation));
  for (uint32_t capability : behaviour.capabilities) {
    hello.mutable_hello()->add_capabilities(capability);
  }
  facts_.push_back(FrameReceived{incarnation, hello});
}

void Harness::Do(const Send& effect) {
  auto it = processes_.find(effect.incarnation);
  ASSERT_NE(it, processes_.end()) << "a command to a process that never was";
  it->second.heard.push_back(effect.message);
  if (it->second.alive) Hear(it->second, effect.message);
}

void Harness::Hear(Process& process, const ToWorker& message) {
  Incarnation incarnation = process.id.incarnation;
  const Behaviour& behaviour = process.behaviour;
  auto say = [&](ToSupervisor answer) {
    facts_.push_back(FrameReceived{incarnation, std::move(answer)});
  };
  if (message.has_start()) {
    if (behaviour.fails_to_start) {
      say(Report(message.op(), worker::v1::STATE_FAILED, "no database"));
      Die(incarnation, 0, 1);
    } else if (behaviour.starts) {
      process.serving = true;
      say(Report(message.op(), worker::v1::STATE_STARTED));
    }
  } else if (message.has_stop()) {
    process.serving = false;
    if (behaviour.stops) {
      say(Report(message.op(), worker::v1::STATE_STOPPED));
    }
  } else if (message.has_quit()) {
    process.serving = false;
    if (behaviour.quits) Die(incarnation, 0, 0);
  } else if (message.has_reload() && behaviour.answers_reload) {
    ToSupervisor result;
    result.set_re(message.op());
    result.mutable_result()->set_code(behaviour.fails_to_reload
                                          ? worker::v1::RESULT_CODE_FAILED
                                          : worker::v1::RESULT_CODE_OK);
    result.mutable_result()->set_text(
        behaviour.fails_to_reload ? "line 3: no such route" : "");
    say(result);
  } else if (message.has_ping() && behaviour.answers_ping) {
    ToSupervisor pong;
    pong.mutable_pong()->set_id(message.ping().id());
    say(pong);
  }
}

void Harness::Do(const Signal& effect) {
  auto it = processes_.find(effect.incarnation);
  if (it == processes_.end()) return;  // its spawn has failed
  Process& process = it->second;
  for (int signal : effect.signals) {
    process.signals.push_back(signal);
    bool ends = (signal == SIGTERM && process.behaviour.ends_on_term) ||
                (signal == SIGKILL && process.behaviour.ends_on_kill);
    if (ends) Die(effect.incarnation, signal, 0);
  }
}

void Harness::Do(const RetireGeneration& effect) {
  retired_.push_back(effect.pool + "#" + std::to_string(effect.generation));
}

void Harness::Do(const Notify& effect) {
  if (const auto* exited = std::get_if<WorkerExited>(&effect.notice)) {
    exits_.push_back(*exited);
  }
  on_notice(effect.notice);
}

void Harness::Do(const Finish& effect) {
  EXPECT_EQ(exit_code_, -1) << "finished twice";
  exit_code_ = effect.exit_code;
  for (const auto& [incarnation, process] : processes_) {
    EXPECT_FALSE(process.alive) << "finished with a live process";
  }
}

void Harness::Watch() {
  for (const PoolView& pool : core_.Pools()) {
    uint32_t serving = Serving(pool.name);
    uint32_t alive = static_cast<uint32_t>(Alive(pool.name).size());
    auto least = least_serving_.try_emplace(pool.name, serving).first;
    least->second = std::min(least->second, serving);
    auto most = most_alive_.try_emplace(pool.name, alive).first;
    most->second = std::max(most->second, alive);
  }
}

std::vector<Incarnation> Harness::Alive(const std::string& pool) const {
  std::vector<Incarnation> alive;
  for (const auto& [incarnation, process] : processes_) {
    if (process.alive && process.id.pool == pool) alive.push_back(incarnation);
  }
  return alive;
}

uint32_t Harness::Serving(const std::string& pool) const {
  return static_cast<uint32_t>(
      std::count_if(processes_.begin(), processes_.end(), [&](const auto& p) {
        return p.second.serving && p.second.id.pool == pool;
      }));
}

Incarnation Harness::Incumbent(const std::string& pool, uint32_t slot) const {
  auto view = core_.FindWorker(pool, slot);
  return view ? view->id.incarnation : 0;
}

OperationView Harness::Operation(OperationId id) const {
  auto view = core_.FindOperation(id);
  EXPECT_TRUE(view.has_value()) << "no op-" << id;
  return view.value_or(OperationView{});
}

uint32_t Harness::least_serving(const std::string& pool) const {
  return least_serving_.at(pool);
}

uint32_t Harness::most_alive(const std::string& pool) const {
  return most_alive_.at(pool);
}

void Harness::ResetExtremes() {
  least_serving_.clear();
  most_alive_.clear();
  Watch();
}

}  // namespace drover::core
