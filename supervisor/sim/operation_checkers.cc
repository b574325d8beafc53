// Operations, what is kept of them, and that all comes to rest.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "supervisor/core/operation.h"
#include "supervisor/sim/checker.h"
#include "supervisor/sim/rest.h"

namespace drover::sim {
namespace {

// An operation begins, makes progress, and ends once.
class Operations : public Checker {
 public:
  explicit Operations(Scene& scene) : Checker("operations end once", scene) {}

  void OnEffect(const core::Effect& effect) override {
    const auto* notify = std::get_if<core::Notify>(&effect);
    if (notify == nullptr) return;
    const auto* news = std::get_if<core::OperationChanged>(&notify->notice);
    if (news == nullptr || ledger().operations().count(news->operation) != 0) {
      return;
    }
    if (news->operation <= last_) {
      Complain(absl::StrCat("op-", news->operation, " had ended"));
    }
    last_ = news->operation;
  }

  void OnStep() override {
    for (const auto& [id, operation] : ledger().operations()) {
      if (core::IsFinal(operation.state) || operation.pool.empty()) continue;
      auto [it, alone] = running_.emplace(operation.pool, id);
      // A scale may run beside a reload.
      if (!alone && operation.kind != core::OperationKind::kScale &&
          !ledger().Runs(core::OperationKind::kScale, operation.pool)) {
        Complain(absl::StrCat("op-", it->second, " and op-", id,
                              " run on pool ", operation.pool));
      }
    }
    running_.clear();
  }

 private:
  core::OperationId last_ = 0;
  std::map<std::string, core::OperationId> running_;
};

// What the core keeps and what it asks for has bounds.
class Bounds : public Checker {
 public:
  explicit Bounds(Scene& scene) : Checker("bounds", scene) {}

  void OnEffect(const core::Effect& effect) override {
    ++effects_;
    if (std::holds_alternative<core::Spawn>(effect)) {
      size_t coming = 1;
      for (const auto& [incarnation, record] : ledger().records()) {
        coming += incarnation != ledger().ended() && !record.leaving &&
                  record.started_at == absl::InfinitePast() &&
                  record.told != Record::Told::kStop && !record.resumed;
      }
      if (coming > scene().options.max_parallel_starts) {
        Complain(absl::StrCat(coming, " starts at one time"));
      }
    }
  }

  void OnStep() override {
    // Each process may be told something, each told of, and each operation;
    // somebody may send many user messages at once.
    const size_t bound =
        512 + 16 * (ledger().records().size() + ledger().operations().size());
    if (std::exchange(effects_, 0) > bound) Complain("too many effects");
    if (++steps_ % 512 == 0) CountOperations();
  }

  void OnRest() override { CountOperations(); }

 private:
  void CountOperations() {
    size_t ended = 0;
    for (const core::OperationView& operation : core().Operations()) {
      ended += core::IsFinal(operation.state) && operation.parent == 0;
    }
    if (ended > core::OperationLog::kEndedKept) {
      Complain(absl::StrCat(ended, " ended operations are kept"));
    }
  }

  size_t effects_ = 0;
  uint64_t steps_ = 0;
};

class Liveness : public Checker {
 public:
  explicit Liveness(Scene& scene)
      : Checker("all comes to rest once troubles cease", scene) {}

  void OnRest() override {
    std::string why = WhyNotAtRest(core(), ledger());
    if (!why.empty()) Complain(std::move(why));
  }
};

}  // namespace

void AddOperationCheckers(Scene& scene, Checkers* checkers) {
  checkers->push_back(std::make_unique<Operations>(scene));
  checkers->push_back(std::make_unique<Bounds>(scene));
  checkers->push_back(std::make_unique<Liveness>(scene));
}

}  // namespace drover::sim
