// People at work, and an embedding program: commands at random times.
#ifndef SUPERVISOR_SIM_OPERATOR_H_
#define SUPERVISOR_SIM_OPERATOR_H_

#include <optional>
#include <string>
#include <variant>

#include "drover/config/v1/config.pb.h"
#include "supervisor/core/command.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/sim/chance.h"

namespace drover::sim {

struct CancelWish {
  core::OperationId operation = 0;
};

struct DecideWish {
  std::string pool;
  uint32_t slot = 0;
  config::v1::ExitAction action = config::v1::EXIT_ACTION_RESTART;
};

// So many user messages at once to one worker.
struct TalkWish {
  std::string pool;
  uint32_t slot = 0;
  int messages = 1;
};

using Wish = std::variant<core::Command, CancelWish, DecideWish, TalkWish>;

class Operator {
 public:
  explicit Operator(Chance& chance) : chance_(chance) {}

  // The first thing that is asked of a supervisor.
  core::Command First();

  // Mostly possible, and sometimes not.
  Wish Next(const core::Supervisor& core);

 private:
  TalkWish NextTalk(const core::Supervisor& core);
  core::Command NextCommand(const core::Supervisor& core);
  core::Apply NextApply(const core::Supervisor& core);
  core::PoolChange Add(uint64_t pool);
  std::string AnyPool(const core::Supervisor& core);
  uint32_t AnySlot(const core::Supervisor& core, const std::string& pool);

  Chance& chance_;
  // The last one.
  TalkWish talk_;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_OPERATOR_H_
