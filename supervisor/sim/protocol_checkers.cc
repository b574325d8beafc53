// What is said to one worker, and when (SPEC.md, the supervisor's clauses).
#include "absl/strings/str_cat.h"
#include "supervisor/sim/checker.h"

namespace drover::sim {
namespace {

using worker::v1::ToWorker;
using Told = Record::Told;

// A checker of what is sent to processes that are there.
class SendChecker : public Checker {
 public:
  using Checker::Checker;

  void OnEffect(const core::Effect& effect) final {
    const auto* send = std::get_if<core::Send>(&effect);
    if (send == nullptr) return;
    const Record* record = ledger().Find(send->incarnation);
    if (record != nullptr) Judge(*record, send->message);
  }

 protected:
  virtual void Judge(const Record& record, const ToWorker& message) = 0;

  void Blame(const Record& record, absl::string_view what) {
    Complain(absl::StrCat(what, " to ", record.id.pool, "/", record.id.slot,
                          " (", record.id.incarnation, ")"));
  }
};

class Starts : public SendChecker {
 public:
  explicit Starts(Scene& scene)
      : SendChecker("no Start while STOPPING", scene) {}

 private:
  void Judge(const Record& record, const ToWorker& message) override {
    if (!message.has_start()) return;
    if (record.told == Told::kStart) Blame(record, "a second Start");
    if (record.told == Told::kStop && !record.stopped) {
      Blame(record, "Start before Stop was answered");
    }
    if (record.told == Told::kStop && !record.can_resume) {
      Blame(record, "Start again without RESUME");
    }
  }
};

// Start < Stop < Quit: the stronger pre-empts, nothing is said twice.
class Orders : public SendChecker {
 public:
  explicit Orders(Scene& scene) : SendChecker("order of commands", scene) {}

 private:
  void Judge(const Record& record, const ToWorker& message) override {
    const bool command = message.has_start() || message.has_stop() ||
                         message.has_reload() || message.has_lame_duck() ||
                         message.has_ping() || message.has_quit();
    if (command && record.ending) Blame(record, "a command after Quit");
    if (message.has_stop() && record.told == Told::kStop) {
      Blame(record, "a second Stop");
    }
    if ((message.has_reload() || message.has_lame_duck()) && !record.serves()) {
      Blame(record, "Reload or LameDuck while not STARTED");
    }
    if (message.op() != 0 && message.op() <= record.last_op) {
      Blame(record, "an op that does not rise");
    }
    const bool wants_answer = message.has_start() || message.has_stop() ||
                              message.has_reload() || message.has_quit();
    if (wants_answer && message.op() == 0) {
      Blame(record, "a command without op");
    }
  }
};

class Welcomes : public SendChecker {
 public:
  explicit Welcomes(Scene& scene) : SendChecker("Welcome first, once", scene) {}

 private:
  void Judge(const Record& record, const ToWorker& message) override {
    if (message.has_welcome()) {
      if (record.welcomed) Blame(record, "a second Welcome");
    } else if (!record.welcomed && !message.has_protocol_error()) {
      Blame(record, "something before Welcome");
    }
  }
};

class Pings : public SendChecker {
 public:
  explicit Pings(Scene& scene)
      : SendChecker("Ping in stable states, one at a time", scene) {}

 private:
  void Judge(const Record& record, const ToWorker& message) override {
    if (!message.has_ping()) return;
    if (record.ping_open) Blame(record, "a Ping while one is unanswered");
    if (message.ping().id() <= record.ping) Blame(record, "an old Ping");
    if ((record.told == Told::kStart && !record.started) ||
        (record.told == Told::kStop && !record.stopped)) {
      Blame(record, "a Ping during a command");
    }
  }
};

}  // namespace

void AddProtocolCheckers(Scene& scene, Checkers* checkers) {
  checkers->push_back(std::make_unique<Starts>(scene));
  checkers->push_back(std::make_unique<Orders>(scene));
  checkers->push_back(std::make_unique<Welcomes>(scene));
  checkers->push_back(std::make_unique<Pings>(scene));
}

}  // namespace drover::sim
