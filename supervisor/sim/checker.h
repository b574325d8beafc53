// What must hold at every step. A checker sees what the core is told and what
// it asks for, and complains about what it must not do.
#ifndef SUPERVISOR_SIM_CHECKER_H_
#define SUPERVISOR_SIM_CHECKER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "supervisor/core/effect.h"
#include "supervisor/core/event.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/sim/ledger.h"

namespace drover::sim {

struct Violation {
  std::string checker;
  std::string text;
};

// What checkers look at, and where they complain.
struct Scene {
  Ledger ledger;
  core::Options options;
  const core::Supervisor* core = nullptr;
  absl::Time now;
  // Whether no trouble has befallen the process so far.
  std::function<bool(core::Incarnation)> conforming;
  // A shutdown was to be fast or hard.
  bool urged = false;
  // Whether troubles may still come.
  bool troubled = true;
  // The first.
  std::optional<Violation> violation;
};

class Checker {
 public:
  Checker(std::string name, Scene& scene)
      : name_(std::move(name)), scene_(scene) {}
  virtual ~Checker() = default;
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  const std::string& name() const { return name_; }

  // Before the core hears it; the ledger has it.
  virtual void OnEvent(const core::Event&) {}
  // Somebody gives a command about this pool, or about all (empty).
  virtual void OnCommand(absl::string_view) {}
  // Each in turn; the ledger does not have it yet.
  virtual void OnEffect(const core::Effect&) {}
  // The event or command and all its effects are in the ledger.
  virtual void OnStep() {}
  // Troubles ceased a long time ago, or all has come to rest.
  virtual void OnRest() {}

 protected:
  const Ledger& ledger() const { return scene_.ledger; }
  const core::Supervisor& core() const { return *scene_.core; }
  const Scene& scene() const { return scene_; }
  absl::Time now() const { return scene_.now; }

  void Complain(std::string text) {
    if (!scene_.violation) scene_.violation = {name_, std::move(text)};
  }

 private:
  std::string name_;
  Scene& scene_;
};

using Checkers = std::vector<std::unique_ptr<Checker>>;

// All of them, for one core.
Checkers MakeCheckers(Scene& scene);

// By what they are about.
void AddProcessCheckers(Scene& scene, Checkers* checkers);
void AddProtocolCheckers(Scene& scene, Checkers* checkers);
void AddPoolCheckers(Scene& scene, Checkers* checkers);
void AddOperationCheckers(Scene& scene, Checkers* checkers);

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_CHECKER_H_
