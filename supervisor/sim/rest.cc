#include "supervisor/sim/rest.h"

#include "absl/strings/str_cat.h"

namespace drover::sim {
namespace {

using core::PoolState;
using core::WorkerState;

bool Belongs(const core::WorkerView& worker, PoolState pool) {
  const bool vacant = worker.id.incarnation == 0;
  switch (pool) {
    case PoolState::kRunning:
      return vacant ? worker.vacancy == core::VacancyKind::kLeft
                    : worker.state == WorkerState::kStarted &&
                          worker.role == core::WorkerRole::kIncumbent;
    case PoolState::kStopped:
      return vacant || worker.state == WorkerState::kStopped;
    case PoolState::kFailed:
      return vacant;
    default:
      return false;
  }
}

std::string WhyNotAtRest(const core::Supervisor& core,
                         const core::PoolView& pool) {
  uint32_t slots = 0;
  for (const core::WorkerView& worker : core.Workers(pool.name)) {
    ++slots;
    if (!Belongs(worker, pool.state)) {
      return absl::StrCat(
          "pool ", pool.name, " is ", Name(pool.state), ", ", pool.name, "/",
          worker.id.slot, " (", worker.id.incarnation, ") ",
          worker.id.incarnation == 0
              ? absl::StrCat("vacant ", static_cast<int>(worker.vacancy))
              : std::string(Name(worker.state)));
    }
  }
  if (pool.state == PoolState::kFailed) {
    return pool.failure != nullptr
               ? ""
               : absl::StrCat("pool ", pool.name, " is FAILED for no reason");
  }
  // Slots are made when a pool starts for the first time.
  const bool never_started = pool.state == PoolState::kStopped && slots == 0;
  return slots == pool.count || never_started
             ? ""
             : absl::StrCat("pool ", pool.name, " has ", slots, " of ",
                            pool.count, " slots");
}

}  // namespace

std::string WhyNotAtRest(const core::Supervisor& core, const Ledger& ledger) {
  if (ledger.finished()) return "";
  if (core.shutting_down()) return "the shutdown has not finished";
  for (const auto& [id, operation] : ledger.operations()) {
    if (!core::IsFinal(operation.state)) {
      return absl::StrCat("op-", id, " (", Name(operation.kind), " ",
                          operation.pool, ") runs");
    }
  }
  for (const core::PoolView& pool : core.Pools()) {
    std::string why = WhyNotAtRest(core, pool);
    if (!why.empty()) return why;
  }
  return "";
}

}  // namespace drover::sim
