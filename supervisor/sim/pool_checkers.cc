// Pools: how many workers serve and how many there are while one is reloaded,
// and how often processes are started again.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "supervisor/core/settings.h"
#include "supervisor/sim/checker.h"

namespace drover::sim {
namespace {

// Texts show waits in whole milliseconds.
constexpr absl::Duration kMillisecond = absl::Milliseconds(1);

bool TakesOut(const worker::v1::ToWorker& message) {
  if (message.has_stop()) {
    return message.stop().cause() == worker::v1::CAUSE_RELOAD ||
           message.stop().cause() == worker::v1::CAUSE_ROLLBACK;
  }
  return message.has_quit() &&
         (message.quit().cause() == worker::v1::CAUSE_RELOAD ||
          message.quit().cause() == worker::v1::CAUSE_ROLLBACK);
}

// A reload takes no worker out that the pool cannot do without.
class Floor : public Checker {
 public:
  explicit Floor(Scene& scene) : Checker("capacity floor", scene) {}

  void OnEffect(const core::Effect& effect) override {
    if (const auto* send = std::get_if<core::Send>(&effect)) {
      const Record* record = ledger().Find(send->incarnation);
      // With a lame duck's time it was taken out before.
      if (record != nullptr && record->serves() && TakesOut(send->message) &&
          record->settings.lame_duck == absl::ZeroDuration()) {
        taken_out_.push_back(record->id);
      }
    } else if (const auto* notify = std::get_if<core::Notify>(&effect)) {
      const auto* changed = std::get_if<core::WorkerChanged>(&notify->notice);
      if (changed != nullptr && absl::StartsWith(changed->text, "lame duck")) {
        taken_out_.push_back(changed->worker);
      }
    }
  }

  void OnStep() override {
    for (const core::Identity& id : std::exchange(taken_out_, {})) Judge(id);
  }

 private:
  void Judge(const core::Identity& id) {
    const auto pool = core().FindPool(id.pool);
    const Budget* budget = ledger().BudgetOf(id.pool);
    // Those above count go by another rule: they are removed.
    if (!pool || budget == nullptr || id.slot >= pool->count) return;
    uint32_t serving = 0;
    for (const core::WorkerView& worker : core().Workers(id.pool)) {
      const bool successor = worker.role == core::WorkerRole::kSuccessor;
      const Record* record = ledger().Find(worker.id.incarnation);
      // One that has not proved itself is called off at any time.
      if (worker.id == id &&
          (successor || now() < record->started_at + budget->min_ready_time)) {
        return;
      }
      serving += record != nullptr && record->serves() && !successor &&
                 !worker.lame_duck;
    }
    const uint32_t count = std::min(pool->count, budget->count);
    const uint32_t spare = std::min(count, budget->MaxUnavailable(count));
    if (serving < count - spare) {
      Complain(absl::StrCat(id.pool, "/", id.slot, " (", id.incarnation,
                            ") was taken out, ", serving, " of ", count,
                            " are left, ", spare, " to spare"));
    }
  }

  std::vector<core::Identity> taken_out_;
};

// A reload makes no more processes than it may.
class Ceiling : public Checker {
 public:
  explicit Ceiling(Scene& scene) : Checker("surge ceiling", scene) {}

  void OnEffect(const core::Effect& effect) override {
    if (const auto* spawn = std::get_if<core::Spawn>(&effect)) {
      spawned_.insert(spawn->identity.pool);
    }
  }

  void OnStep() override {
    for (const std::string& pool : std::exchange(spawned_, {})) Judge(pool);
  }

 private:
  void Judge(const std::string& name) {
    const auto pool = core().FindPool(name);
    const Budget* budget = ledger().BudgetOf(name);
    if (!pool || budget == nullptr) return;
    uint32_t staying = 0;
    for (const core::WorkerView& worker : core().Workers(name)) {
      const Record* record = ledger().Find(worker.id.incarnation);
      staying += record != nullptr && !record->leaving && !worker.lame_duck;
    }
    const uint32_t count = std::max(pool->count, budget->count);
    const uint32_t allowed = count + budget->MaxSurge(count);
    if (staying > allowed) {
      Complain(absl::StrCat("pool ", name, ": ", staying, " processes, ",
                            allowed, " are allowed"));
    }
  }

  std::set<std::string> spawned_;
};

// The wait before a restart grows from one exit of a slot to the next, within
// its bounds, and begins anew after a healthy time.
class BackoffGrows : public Checker {
 public:
  explicit BackoffGrows(Scene& scene)
      : Checker("backoff grows within a storm", scene) {}

  void OnEffect(const core::Effect& effect) override {
    const auto* notify = std::get_if<core::Notify>(&effect);
    if (notify == nullptr) return;
    const auto* exit = std::get_if<core::WorkerExited>(&notify->notice);
    if (exit == nullptr) return;
    absl::string_view next = exit->next;
    // Where a reload may fill the slot before, more follows.
    if (absl::ConsumePrefix(&next, "restart in ") &&
        !absl::ParseDuration(next, &wait_)) {
      wait_ = absl::InfiniteDuration();
    }
  }

  // Whoever commands something may set a slot's count back.
  void OnCommand(absl::string_view pool) override {
    for (auto it = waits_.begin(); it != waits_.end();) {
      it = pool.empty() || it->first.first == pool ? waits_.erase(it)
                                                   : std::next(it);
    }
  }

  void OnStep() override {
    for (const auto& [id, operation] : ledger().operations()) {
      // One that begins may set counts back, one that ends change the settings.
      if (core::IsFinal(operation.state) || id > last_operation_) {
        last_operation_ = std::max(last_operation_, id);
        OnCommand(operation.pool);
      }
    }
    const Record* record = ledger().Find(ledger().ended());
    const absl::Duration wait = std::exchange(wait_, absl::InfiniteDuration());
    if (wait == absl::InfiniteDuration() || record == nullptr) return;
    const auto slot = core().FindWorker(record->id.pool, record->id.slot);
    const auto pool = core().FindPool(record->id.pool);
    if (!slot || !pool) return;
    // Waits that end at about the same time end together: up to an eighth
    // earlier, or a quarter later.
    if (!slot->deadline ||
        *slot->deadline < now() + wait * 0.875 - kMillisecond ||
        *slot->deadline > now() + wait * 1.25 + kMillisecond) {
      Complain(absl::StrCat(record->id.pool, "/", record->id.slot,
                            " does not wait for as long as it was said"));
    }
    Judge(*record, wait, core::SettingsOf(*pool->spec).backoff);
  }

 private:
  void Judge(const Record& record, absl::Duration wait,
             const core::BackoffSettings& settings) {
    const double low = 1 - settings.jitter;
    const double high = 1 + settings.jitter;
    const absl::Duration slack = kMillisecond * settings.factor + kMillisecond;
    auto [it, is_first] =
        waits_.try_emplace({record.id.pool, record.id.slot}, wait);
    const absl::Duration former = std::exchange(it->second, wait);
    const absl::Duration healthy = record.started_at == absl::InfinitePast()
                                       ? absl::ZeroDuration()
                                       : now() - record.started_at;
    const bool begins =
        healthy > absl::ZeroDuration() && healthy >= settings.reset_after;
    absl::Duration least = settings.initial * low;
    absl::Duration most = settings.max * high;
    if (begins) {
      most = settings.initial * high;
    } else if (!is_first) {
      // At least what the former stood for, grown once; at most the cap.
      least = std::min(former / high * settings.factor, settings.max) * low;
      most = std::min(most, former / low * settings.factor * high);
    }
    if (wait < least - slack || wait > most + slack) {
      Complain(absl::StrCat(
          record.id.pool, "/", record.id.slot, " waits ",
          absl::FormatDuration(wait), " after ", absl::FormatDuration(former),
          begins ? ", although it had been healthy" : "", "; between ",
          absl::FormatDuration(least), " and ", absl::FormatDuration(most)));
    }
  }

  absl::Duration wait_ = absl::InfiniteDuration();
  core::OperationId last_operation_ = 0;
  std::map<std::pair<std::string, uint32_t>, absl::Duration> waits_;
};

// Pools start after those that they come after, and go before them.
class OrderOfPools : public Checker {
 public:
  explicit OrderOfPools(Scene& scene) : Checker("order of pools", scene) {}

  void OnEvent(const core::Event& event) override {
    told_time_ = std::holds_alternative<core::TimePassed>(event);
  }

  void OnEffect(const core::Effect& effect) override {
    const auto* notify = std::get_if<core::Notify>(&effect);
    if (notify == nullptr) return;
    if (const auto* gone = std::get_if<core::PoolRemoved>(&notify->notice)) {
      states_.erase(gone->pool);
      after_.erase(gone->pool);
    } else if (const auto* changed =
                   std::get_if<core::PoolChanged>(&notify->notice)) {
      const auto pool = core().FindPool(changed->pool);
      if (pool) {
        after_[changed->pool] = {pool->spec->after().begin(),
                                 pool->spec->after().end()};
      }
      if (changed->state != changed->former) Judge(*changed);
      states_[changed->pool] = changed->state;
    }
  }

  void OnStep() override { told_time_ = false; }

 private:
  void Judge(const core::PoolChanged& changed) {
    if (changed.state == core::PoolState::kStarting) {
      for (const std::string& name : after_[changed.pool]) {
        if (states_[name] == core::PoolState::kRunning) continue;
        Complain(absl::StrCat("pool ", changed.pool, " starts, and ", name,
                              " is ", Name(states_[name])));
      }
    }
    // In a shutdown that has to be done by a deadline all go at once.
    const bool in_order =
        core().shutting_down() && !scene().urged && !told_time_;
    if (changed.state != core::PoolState::kRemoving || !in_order ||
        changed.former != core::PoolState::kRunning ||
        ledger().Runs(core::OperationKind::kRemove, changed.pool)) {
      return;
    }
    for (const auto& [pool, after] : after_) {
      if (pool != changed.pool && after.count(changed.pool) != 0 &&
          HasProcesses(pool)) {
        Complain(absl::StrCat("pool ", changed.pool, " goes, and ", pool,
                              " is there"));
      }
    }
  }

  bool HasProcesses(const std::string& pool) const {
    return std::any_of(ledger().records().begin(), ledger().records().end(),
                       [&](const auto& entry) {
                         return entry.second.id.pool == pool &&
                                entry.first != ledger().ended();
                       });
  }

  bool told_time_ = false;
  std::map<std::string, core::PoolState> states_;
  std::map<std::string, std::set<std::string>> after_;
};

// No pool is restarted more often than its limit says.
class Intensity : public Checker {
 public:
  explicit Intensity(Scene& scene) : Checker("limit of restarts", scene) {}

  void OnEffect(const core::Effect& effect) override {
    const auto* notify = std::get_if<core::Notify>(&effect);
    if (notify == nullptr) return;
    const auto* exit = std::get_if<core::WorkerExited>(&notify->notice);
    if (exit == nullptr || !absl::StartsWith(exit->next, "restart in")) return;
    const auto pool = core().FindPool(exit->exit->worker.pool);
    if (!pool) return;
    const core::PoolSettings settings = core::SettingsOf(*pool->spec);
    std::deque<absl::Time>& times = times_[pool->name];
    times.push_back(now());
    while (times.front() <= now() - settings.restart_window) {
      times.pop_front();
    }
    if (times.size() >
        uint64_t{settings.restart.max_restarts()} * pool->count) {
      Complain(absl::StrCat("pool ", pool->name, ": ", times.size(),
                            " restarts within ",
                            absl::FormatDuration(settings.restart_window)));
    }
  }

  void OnCommand(absl::string_view pool) override {
    if (pool.empty()) {
      times_.clear();
    } else {
      times_.erase(std::string(pool));
    }
  }

 private:
  std::map<std::string, std::deque<absl::Time>> times_;
};

}  // namespace

void AddPoolCheckers(Scene& scene, Checkers* checkers) {
  checkers->push_back(std::make_unique<Floor>(scene));
  checkers->push_back(std::make_unique<Ceiling>(scene));
  checkers->push_back(std::make_unique<BackoffGrows>(scene));
  checkers->push_back(std::make_unique<Intensity>(scene));
  checkers->push_back(std::make_unique<OrderOfPools>(scene));
}

Checkers MakeCheckers(Scene& scene) {
  Checkers checkers;
  AddProcessCheckers(scene, &checkers);
  AddProtocolCheckers(scene, &checkers);
  AddPoolCheckers(scene, &checkers);
  AddOperationCheckers(scene, &checkers);
  return checkers;
}

}  // namespace drover::sim
