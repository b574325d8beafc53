#include "supervisor/sim/operator.h"

#include <vector>

#include "supervisor/sim/random_spec.h"

namespace drover::sim {
namespace {

constexpr const char* kNames[] = {"web", "api", "jobs", "mail"};

}  // namespace

// Pools come after those of a name before theirs, so there is no cycle.
core::PoolChange Operator::Add(uint64_t pool) {
  return {core::PoolChangeKind::kAdd,
          RandomSpec(kNames[pool], {kNames, kNames + pool}, chance_)};
}

core::Command Operator::First() {
  core::Apply apply;
  // Most of the time a failure to start is not the end of it all.
  apply.initial = chance_.OneIn(4);
  const uint64_t pools = chance_.Between(1, 3);
  for (uint64_t i = 0; i < pools; ++i) {
    apply.changes.push_back(Add(i));
  }
  return apply;
}

std::string Operator::AnyPool(const core::Supervisor& core) {
  const auto pools = core.Health();
  if (pools.empty() || chance_.OneIn(50)) return kNames[chance_.Below(4)];
  return pools[chance_.Below(pools.size())].name;
}

uint32_t Operator::AnySlot(const core::Supervisor& core,
                           const std::string& pool) {
  const auto view = core.FindPool(pool);
  return static_cast<uint32_t>(chance_.Below(view ? view->count + 1 : 2));
}

Wish Operator::Next(const core::Supervisor& core) {
  switch (chance_.Below(12)) {
    case 0: {
      const auto operations = core.Operations();
      if (operations.empty()) break;
      // The newest, which most likely runs.
      return CancelWish{
          operations[chance_.OneIn(3) ? chance_.Below(operations.size()) : 0]
              .id};
    }
    case 1: {
      std::string pool = AnyPool(core);
      return DecideWish{pool, AnySlot(core, pool),
                        chance_.OneOf({config::v1::EXIT_ACTION_RESTART,
                                       config::v1::EXIT_ACTION_RESTART,
                                       config::v1::EXIT_ACTION_LEAVE,
                                       config::v1::EXIT_ACTION_STOP_POOL})};
    }
    case 2:
      return NextTalk(core);
    default:
      break;
  }
  return NextCommand(core);
}

// Mostly to the same worker: what it does not read has to add up.
TalkWish Operator::NextTalk(const core::Supervisor& core) {
  if (talk_.pool.empty() || chance_.OneIn(3)) {
    talk_.pool = AnyPool(core);
    talk_.slot = AnySlot(core, talk_.pool);
  }
  talk_.messages = chance_.OneOf({1, 150, 400});
  return talk_;
}

core::Command Operator::NextCommand(const core::Supervisor& core) {
  const std::string pool = AnyPool(core);
  switch (chance_.Below(12)) {
    case 0:
    case 1:
      return core::Scale{pool, static_cast<uint32_t>(chance_.Between(0, 6))};
    case 2:
    case 3:
    case 4:
      return core::Reload{
          pool, chance_.OneOf<std::optional<bool>>({{}, {}, true, false})};
    case 5:
    case 6:
      return core::RestartWorker{pool, AnySlot(core, pool)};
    case 7:
      return core::StopPool{pool};
    case 8:
    case 9:
      return core::StartPool{pool};
    case 10:
      // Rarely: with it a life ends.
      if (core.shutting_down() || chance_.OneIn(8)) {
        return core::Shutdown{
            chance_.OneOf({core::Urgency::kGraceful, core::Urgency::kGraceful,
                           core::Urgency::kFast, core::Urgency::kHard})};
      }
      return core::StartPool{pool};
    default:
      return NextApply(core);
  }
}

core::Apply Operator::NextApply(const core::Supervisor& core) {
  core::Apply apply;
  for (const core::PoolView& pool : core.Pools()) {
    if (chance_.OneIn(2)) continue;
    config::v1::Pool spec = OtherPolicy(*pool.spec, chance_);
    spec.set_count(static_cast<uint32_t>(chance_.Between(1, 5)));
    apply.changes.push_back(
        {chance_.OneOf(
             {core::PoolChangeKind::kReload, core::PoolChangeKind::kReload,
              core::PoolChangeKind::kScale, core::PoolChangeKind::kUpdate,
              core::PoolChangeKind::kRemove}),
         std::move(spec)});
  }
  if (core.Health().size() < 3) {
    apply.changes.push_back(Add(chance_.Below(4)));
  }
  return apply;
}

}  // namespace drover::sim
