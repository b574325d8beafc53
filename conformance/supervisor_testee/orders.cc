// What a supervisor is told through its control socket.
#include <algorithm>
#include <sstream>

#include "conformance/supervisor_testee/supervisor.h"

namespace drover::conformance {
namespace {

using Phase = Worker::Phase;

constexpr int kMessagesMax = 100000;

}  // namespace

Control::Outcome Supervisor::Begin(const std::string& order) {
  std::istringstream words(order);
  std::string verb;
  int number = 0;
  words >> verb >> number;
  if (verb == "stop") return Stop();
  if (verb == "start") return Start();
  if (verb == "restart") return Restart();
  if (verb == "reload") return Reload();
  if (verb == "messages") return SendMessages(number);
  return nullptr;
}

Control::Outcome Supervisor::Stop() {
  WantAll(Goal::kStop);
  return [this]() -> std::optional<bool> {
    for (const Slot& slot : slots_) {
      if (slot.next || slot.leaving) return std::nullopt;
      if (slot.holder && slot.holder->phase() != Phase::kStopped) {
        return std::nullopt;
      }
    }
    return true;
  };
}

Control::Outcome Supervisor::Start() {
  WantAll(Goal::kRun);
  return [this]() -> std::optional<bool> {
    for (const Slot& slot : slots_) {
      if (!slot.holder && !slot.start_at) return false;
      if (!slot.holder || slot.holder->phase() != Phase::kStarted) {
        return std::nullopt;
      }
    }
    return true;
  };
}

Control::Outcome Supervisor::Restart() {
  Slot& slot = slots_[0];
  if (!slot.holder) return [] { return false; };
  pid_t former = slot.holder->pid();
  StartNext(slot);
  return [&slot, former]() -> std::optional<bool> {
    bool replaced = slot.holder && slot.holder->pid() != former;
    if (!replaced || slot.leaving) return std::nullopt;
    return true;
  };
}

Control::Outcome Supervisor::Reload() {
  bool begun = true;
  for (Slot& slot : slots_) begun &= slot.holder && slot.holder->SendReload();
  if (!begun) return [] { return false; };
  return [this]() -> std::optional<bool> {
    bool done = true;
    for (const Slot& slot : slots_) {
      if (!slot.holder) return false;
      if (slot.holder->reload() == Worker::Reload::kRunning) {
        return std::nullopt;
      }
      done &= slot.holder->reload() == Worker::Reload::kDone;
    }
    return done;
  };
}

// To slot 0, as a program that embeds a supervisor would; those that find the
// queue full are refused.
Control::Outcome Supervisor::SendMessages(int count) {
  Slot& slot = slots_[0];
  for (int i = 0; i < std::min(count, kMessagesMax); ++i) {
    if (slot.holder) slot.holder->SendMessage();
  }
  return [] { return true; };
}

}  // namespace drover::conformance
