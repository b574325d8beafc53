#include "supervisor/sim/fake_shell.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <string>
#include <utility>

#include "supervisor/wire/message.h"

namespace drover::sim {
namespace {

// What the kernel takes, and then the supervisor (SPEC.md, "Limits").
constexpr size_t kQueueFrames = 128 + 64;

constexpr uint64_t kEverything = std::numeric_limits<uint64_t>::max();

}  // namespace

FakeShell::Process* FakeShell::Find(core::Incarnation incarnation) {
  auto it = processes_.find(incarnation);
  return it == processes_.end() ? nullptr : it->second.get();
}

void FakeShell::Later(absl::Duration least, absl::Duration most,
                      Agenda::Deed deed) {
  loop_.At(host_.now() + host_.chance().Between(least, most),
           [this, number = ++made_ready_, deed = std::move(deed)] {
             if (number < taken_) host_.tally().Count(Trouble::kReordered);
             taken_ = std::max(taken_, number);
             deed();
           });
}

void FakeShell::Carry(const core::Effect& effect) {
  if (const auto* spawn = std::get_if<core::Spawn>(&effect)) {
    Carry(*spawn);
  } else if (const auto* send = std::get_if<core::Send>(&effect)) {
    Carry(*send);
  } else if (const auto* signal = std::get_if<core::Signal>(&effect)) {
    Carry(*signal);
  }
}

void FakeShell::Carry(const core::Spawn& effect) {
  const core::Incarnation incarnation = effect.identity.incarnation;
  Chance& chance = host_.chance();
  const bool fails = chance.Likely(weather_.spawn_fails);
  const bool late = chance.Likely(weather_.spawn_late);
  const absl::Duration longest =
      late ? absl::Seconds(8) : absl::Milliseconds(2);
  if (late) host_.tally().Count(Trouble::kSpawnLate);
  if (fails) {
    host_.tally().Count(Trouble::kSpawnFails);
    Later({}, longest, [this, incarnation] {
      processes_.erase(incarnation);
      feed_(core::SpawnFailed{incarnation, "clone", EAGAIN, "./server"});
    });
  }
  auto process = std::make_shared<Process>();
  process->worker = std::make_shared<FakeWorker>(
      incarnation, DrawTemper(*effect.spec, weather_.worker_trouble, chance),
      host_);
  processes_.emplace(incarnation, std::move(process));
  if (!fails) Later({}, longest, [this, incarnation] { Appear(incarnation); });
}

void FakeShell::Appear(core::Incarnation incarnation) {
  std::shared_ptr<Process> process = processes_.at(incarnation);
  process->there = true;
  process->worker->Begin();
  for (int signal : process->signals) process->worker->Signal(signal);
  feed_(core::Spawned{incarnation, static_cast<int32_t>(incarnation)});
}

void FakeShell::Carry(const core::Send& effect) {
  Process* process = Find(effect.incarnation);
  if (process == nullptr || !process->accepting) return;
  std::string frame;
  if (!wire::AppendToWorker(effect.message, &frame).ok()) return;
  if (process->worker->unread_frames() >= kQueueFrames) {
    process->accepting = false;
    host_.tally().Count(Trouble::kQueueFull);
    Later({}, {}, [this, incarnation = effect.incarnation] {
      if (Find(incarnation) != nullptr) {
        feed_(core::QueueOverflowed{incarnation});
      }
    });
    return;
  }
  if (process->worker->alive()) process->worker->Deliver(std::move(frame));
}

void FakeShell::Carry(const core::Signal& effect) {
  Process* process = Find(effect.incarnation);
  if (process == nullptr) return;
  for (int signal : effect.signals) {
    if (process->there) {
      process->worker->Signal(signal);
    } else {
      process->signals.push_back(signal);
    }
  }
}

void FakeShell::OnReadable(core::Incarnation incarnation) {
  Process* process = Find(incarnation);
  if (process == nullptr || !process->reading ||
      std::exchange(process->read_soon, true)) {
    return;
  }
  Later({}, absl::Milliseconds(3), [this, incarnation] {
    Process* readable = Find(incarnation);
    if (readable == nullptr) return;
    readable->read_soon = false;
    const uint64_t size = readable->worker->written().size();
    Read(incarnation, size > 1 && host_.chance().OneIn(4)
                          ? host_.chance().Between(1, size - 1)
                          : kEverything);
  });
}

void FakeShell::Read(core::Incarnation incarnation, uint64_t bytes) {
  auto it = processes_.find(incarnation);
  if (it == processes_.end() || !it->second->reading) return;
  std::shared_ptr<Process> process = it->second;
  std::string& written = process->worker->written();
  const size_t count = std::min<uint64_t>(bytes, written.size());
  process->reader.Append(absl::string_view(written).substr(0, count));
  written.erase(0, count);
  if (!HandOut(incarnation, *process)) return;
  if (process->reader.mid_frame()) {
    host_.tally().Count(Trouble::kPartialFrame);
  }
  if (!written.empty()) {
    OnReadable(incarnation);
  } else if (process->worker->closed()) {
    process->reading = false;
    feed_(core::ChannelClosed{incarnation});
  }
}

bool FakeShell::HandOut(core::Incarnation incarnation, Process& process) {
  while (process.reading) {
    auto body = process.reader.Next();
    if (!body.ok()) {
      process.reading = false;
      feed_(core::FrameRejected{incarnation,
                                worker::v1::PROTOCOL_ERROR_CODE_FRAME_SIZE,
                                std::string(body.status().message())});
    } else if (!body->has_value()) {
      return true;
    } else if (auto message = wire::ParseToSupervisor(**body); message.ok()) {
      feed_(core::FrameReceived{incarnation, *std::move(message)});
    } else {
      process.reading = false;
      feed_(core::FrameRejected{incarnation,
                                worker::v1::PROTOCOL_ERROR_CODE_PARSE,
                                std::string(message.status().message())});
    }
  }
  return false;
}

void FakeShell::ReadAll() {
  for (core::Incarnation incarnation : processes()) {
    Read(incarnation, kEverything);
  }
}

void FakeShell::ContinueAll() {
  for (core::Incarnation incarnation : processes()) {
    worker(incarnation)->Signal(SIGCONT);
  }
}

void FakeShell::OnStopped(core::Incarnation incarnation) {
  Later({}, absl::Milliseconds(3), [this, incarnation] {
    if (Find(incarnation) != nullptr) {
      feed_(core::ProcessStopped{incarnation});
    }
  });
}

void FakeShell::OnContinued(core::Incarnation incarnation) {
  Later({}, absl::Milliseconds(3), [this, incarnation] {
    if (Find(incarnation) != nullptr) {
      feed_(core::ProcessContinued{incarnation});
    }
  });
}

void FakeShell::OnDied(core::Incarnation incarnation) {
  Later({}, absl::Milliseconds(3), [this, incarnation] { Reap(incarnation); });
}

// The channel is read dry before the end is told.
void FakeShell::Reap(core::Incarnation incarnation) {
  std::shared_ptr<Process> process = processes_.at(incarnation);
  if (process->reading && !process->worker->written().empty()) {
    host_.tally().Count(Trouble::kReadDry);
    process->reader.Append(process->worker->written());
    HandOut(incarnation, *process);
  }
  processes_.erase(incarnation);
  core::Exited exited;
  exited.incarnation = incarnation;
  exited.signal = process->worker->exit_signal();
  exited.code = process->worker->exit_code();
  exited.last_output = {"last line"};
  feed_(exited);
}

bool FakeShell::conforming(core::Incarnation incarnation) const {
  const FakeWorker* found = worker(incarnation);
  return found != nullptr && found->conforming();
}

FakeWorker* FakeShell::worker(core::Incarnation incarnation) const {
  auto it = processes_.find(incarnation);
  return it == processes_.end() ? nullptr : it->second->worker.get();
}

std::vector<core::Incarnation> FakeShell::processes() const {
  std::vector<core::Incarnation> incarnations;
  for (const auto& [incarnation, process] : processes_) {
    incarnations.push_back(incarnation);
  }
  return incarnations;
}

}  // namespace drover::sim
