// Processes: how many, which, and that each comes to its end.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/sim/checker.h"

namespace drover::sim {
namespace {

// What late timers may add up to, from one step of an escalation to the next.
constexpr absl::Duration kTimersLate = absl::Seconds(10);

std::string Label(const core::Identity& id) {
  return absl::StrCat(id.pool, "/", id.slot, " (", id.incarnation, ")");
}

// A slot has one process, and while it is replaced one more.
class OneIncarnation : public Checker {
 public:
  explicit OneIncarnation(Scene& scene)
      : Checker("one incarnation a slot", scene) {}

  void OnEffect(const core::Effect& effect) override {
    const auto* spawn = std::get_if<core::Spawn>(&effect);
    if (spawn == nullptr) return;
    int present = 0;
    int staying = 0;
    for (const auto& [incarnation, record] : ledger().records()) {
      if (incarnation == ledger().ended() ||
          record.id.pool != spawn->identity.pool ||
          record.id.slot != spawn->identity.slot) {
        continue;
      }
      ++present;
      if (!record.leaving && !IsLameDuck(incarnation)) ++staying;
    }
    if (present > 1) {
      Complain(
          absl::StrCat(Label(spawn->identity), " is the third in its slot"));
    }
    const std::string& pool = spawn->identity.pool;
    if (staying > 0 && abandoned_.count(pool) == 0 &&
        !ledger().Runs(core::OperationKind::kReload, pool) &&
        !ledger().Runs(core::OperationKind::kRestart, pool)) {
      Complain(absl::StrCat(Label(spawn->identity),
                            " beside one that stays, and nothing replaces it"));
    }
  }

  // The replacements of a reload whose way back was given up go on.
  void OnStep() override {
    for (const auto& [id, operation] : ledger().operations()) {
      if (operation.kind != core::OperationKind::kReload) continue;
      if (operation.state == core::OperationState::kFailed) {
        abandoned_.insert(operation.pool);
      } else {
        abandoned_.erase(operation.pool);
      }
    }
  }

 private:
  bool IsLameDuck(core::Incarnation incarnation) const {
    const auto view = core().FindIncarnation(incarnation);
    return view && view->lame_duck;
  }

  std::set<std::string> abandoned_;
};

// Incarnations rise; generations are used until they are retired, and retired
// when nobody uses them.
class Identities : public Checker {
 public:
  explicit Identities(Scene& scene) : Checker("identities", scene) {}

  void OnEffect(const core::Effect& effect) override {
    if (const auto* spawn = std::get_if<core::Spawn>(&effect)) {
      OnSpawn(spawn->identity);
    } else if (const auto* retire =
                   std::get_if<core::RetireGeneration>(&effect)) {
      retired_.insert({retire->pool, retire->generation});
      if (Used(retire->pool, retire->generation)) {
        Complain(absl::StrCat(retire->pool, " generation ", retire->generation,
                              " is retired and has processes"));
      }
    } else if (const auto* gone = std::get_if<core::RetirePool>(&effect)) {
      retired_.erase(retired_.lower_bound({gone->pool, 0}),
                     retired_.upper_bound({gone->pool, ~uint64_t{0}}));
      if (Used(gone->pool, 0)) {
        Complain(absl::StrCat(gone->pool, " is retired and has processes"));
      }
    }
  }

 private:
  void OnSpawn(const core::Identity& id) {
    if (id.incarnation <= last_) {
      Complain(absl::StrCat(Label(id), " after ", last_));
    }
    last_ = id.incarnation;
    if (retired_.count({id.pool, id.generation}) != 0) {
      Complain(absl::StrCat(Label(id), " of generation ", id.generation,
                            ", which is retired"));
    }
  }

  // 0: of any generation.
  bool Used(const std::string& pool, core::Generation generation) const {
    for (const auto& [incarnation, record] : ledger().records()) {
      if (incarnation != ledger().ended() && record.id.pool == pool &&
          (generation == 0 || record.id.generation == generation)) {
        return true;
      }
    }
    return false;
  }

  core::Incarnation last_ = 0;
  std::set<std::pair<std::string, core::Generation>> retired_;
};

// Each end is told once, when it was heard.
class ExitsOnce : public Checker {
 public:
  explicit ExitsOnce(Scene& scene) : Checker("every exit once", scene) {}

  void OnEffect(const core::Effect& effect) override {
    const auto* notify = std::get_if<core::Notify>(&effect);
    if (notify == nullptr) return;
    const auto* exited = std::get_if<core::WorkerExited>(&notify->notice);
    if (exited == nullptr) return;
    ++told_;
    const core::Identity& id = exited->exit->worker;
    if (id.incarnation != ledger().ended()) {
      Complain(absl::StrCat(Label(id), " is said to have ended"));
    }
  }

  void OnStep() override {
    const bool expected = ledger().Find(ledger().ended()) != nullptr;
    if (told_ != (expected ? 1 : 0)) {
      Complain(absl::StrCat("the end of ", ledger().ended(), " was told ",
                            told_, " times"));
    }
    told_ = 0;
  }

 private:
  int told_ = 0;
};

// States follow one another without a gap, and only the kernel ends a process.
class Chain : public Checker {
 public:
  explicit Chain(Scene& scene) : Checker("chain of states", scene) {}

  void OnEffect(const core::Effect& effect) override {
    const auto* notify = std::get_if<core::Notify>(&effect);
    if (notify == nullptr) return;
    const auto* changed = std::get_if<core::WorkerChanged>(&notify->notice);
    if (changed == nullptr) return;
    const Record* record = ledger().Find(changed->worker.incarnation);
    if (record == nullptr) {
      Complain(absl::StrCat(Label(changed->worker), " is not there"));
    } else if (record->state != changed->former) {
      Complain(absl::StrCat(Label(changed->worker), " was ",
                            Name(record->state), ", not ",
                            Name(changed->former)));
    }
    if (changed->state == core::WorkerState::kEnded &&
        changed->worker.incarnation != ledger().ended()) {
      Complain(absl::StrCat(Label(changed->worker), " ENDED, but it lives"));
    }
  }
};

// Nothing is said or done to a process that is gone, or never was.
class DeadLetters : public Checker {
 public:
  explicit DeadLetters(Scene& scene)
      : Checker("no command to the gone", scene) {}

  void OnEffect(const core::Effect& effect) override {
    if (const auto* send = std::get_if<core::Send>(&effect)) {
      Judge(send->incarnation);
    } else if (const auto* signal = std::get_if<core::Signal>(&effect)) {
      Judge(signal->incarnation);
    }
  }

 private:
  void Judge(core::Incarnation to) {
    if (to == ledger().ended() || ledger().Find(to) == nullptr) {
      Complain(absl::StrCat("to ", to));
    }
  }
};

// No state outlasts its deadline; whoever is told to go goes, or is killed.
// Judged when the core was just told the time.
class Deadlines : public Checker {
 public:
  explicit Deadlines(Scene& scene)
      : Checker("every stop ends in an exit", scene) {}

  void OnEvent(const core::Event& event) override {
    told_time_ = std::holds_alternative<core::TimePassed>(event);
  }

  void OnStep() override {
    if (!std::exchange(told_time_, false)) return;
    for (const auto& [incarnation, record] : ledger().records()) {
      if (incarnation != ledger().ended()) Judge(record);
    }
  }

 private:
  static absl::Duration Allowed(const Record& record) {
    const core::WorkerSettings& settings = record.settings;
    switch (record.state) {
      case core::WorkerState::kSpawned:
        return settings.hello_timeout;
      case core::WorkerState::kStarting:
        return settings.start_timeout + settings.answer_grace +
               settings.extend_max;
      case core::WorkerState::kStopping:
        return settings.stop_timeout + settings.answer_grace +
               settings.extend_max;
      case core::WorkerState::kShuttingDown:
        return std::max(settings.quit_timeout + settings.answer_grace,
                        settings.kill_timeout);
      case core::WorkerState::kFailed:
        if (record.killed) break;
        return std::max({settings.loss_timeout, settings.kill_timeout,
                         settings.dump_wait + settings.abort_wait}) +
               settings.kill_timeout;
      default:
        break;
    }
    return absl::InfiniteDuration();
  }

  void Judge(const Record& record) {
    // Somebody may be looking at it with a debugger.
    if (record.was_frozen &&
        record.settings.on_sigstop == config::v1::SIGSTOP_ACTION_TOLERATE) {
      return;
    }
    absl::Duration allowed = Allowed(record);
    // What was overdue while the supervisor stood still may begin anew.
    allowed += ledger().held_up() - record.held_up + kTimersLate;
    if (now() - record.state_since > allowed) {
      Complain(absl::StrCat(Label(record.id), " is ", Name(record.state),
                            " for ",
                            absl::FormatDuration(now() - record.state_since)));
    }
  }

  bool told_time_ = false;
};

// A worker that does all that the protocol asks for is not found guilty.
class Innocence : public Checker {
 public:
  explicit Innocence(Scene& scene)
      : Checker("no blame on a conforming worker", scene) {}

  void OnEffect(const core::Effect& effect) override {
    const auto* notify = std::get_if<core::Notify>(&effect);
    if (notify == nullptr) return;
    const auto* exited = std::get_if<core::WorkerExited>(&notify->notice);
    if (exited == nullptr) return;
    const core::Exit& exit = *exited->exit;
    switch (exit.cause) {
      case core::FailureReason::kNone:
      case core::FailureReason::kSpawn:
      case core::FailureReason::kStopTimeout:  // it gave up by itself
      case core::FailureReason::kShutdown:
      case core::FailureReason::kDeadline:
      case core::FailureReason::kQueueFull:  // too much was said to it at once
        return;
      default:
        break;
    }
    if (scene().conforming(exit.worker.incarnation)) {
      Complain(absl::StrCat(Label(exit.worker), " ", Describe(exit)));
    }
  }
};

// The end is the end.
class Finish : public Checker {
 public:
  explicit Finish(Scene& scene) : Checker("nothing after the end", scene) {}

  void OnEffect(const core::Effect& effect) override {
    if (ledger().finished()) Complain("an effect after Finish");
    if (!std::holds_alternative<core::Finish>(effect)) return;
    for (const auto& [incarnation, record] : ledger().records()) {
      if (incarnation != ledger().ended()) {
        Complain(absl::StrCat("finished, and ", Label(record.id), " lives"));
      }
    }
  }
};

}  // namespace

void AddProcessCheckers(Scene& scene, Checkers* checkers) {
  checkers->push_back(std::make_unique<OneIncarnation>(scene));
  checkers->push_back(std::make_unique<Identities>(scene));
  checkers->push_back(std::make_unique<ExitsOnce>(scene));
  checkers->push_back(std::make_unique<Chain>(scene));
  checkers->push_back(std::make_unique<DeadLetters>(scene));
  checkers->push_back(std::make_unique<Deadlines>(scene));
  checkers->push_back(std::make_unique<Innocence>(scene));
  checkers->push_back(std::make_unique<Finish>(scene));
}

}  // namespace drover::sim
