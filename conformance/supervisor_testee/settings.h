// What the suite asks of a supervisor, and the one thing that a mutant does
// wrong.
#ifndef CONFORMANCE_SUPERVISOR_TESTEE_SETTINGS_H_
#define CONFORMANCE_SUPERVISOR_TESTEE_SETTINGS_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drover::conformance {

struct Settings {
  using Milliseconds = std::chrono::milliseconds;

  // The name of one of SupervisorFaults() or empty.
  std::string fault;
  bool Faulty(absl::string_view name) const { return fault == name; }

  std::string directory;
  // What every worker executes.
  std::vector<std::string> command;
  int count = 1;
  // The name of the pool's listener; empty for none.
  std::string listener;
  bool restart = false;
  int max_restarts = 0;
  Milliseconds backoff{0};
  Milliseconds hello{0};
  Milliseconds start{0};
  Milliseconds stop{0};
  Milliseconds quit{0};
  Milliseconds reload{0};
  Milliseconds kill{0};
  Milliseconds loss{0};
  Milliseconds answer_grace{0};
  Milliseconds extend_max{0};
  Milliseconds ping_interval{0};
  Milliseconds ping_timeout{0};

  std::string control_path() const { return directory + "/control"; }
};

// From the CONFORMANCE_ variables (conformance/README.md).
Settings ReadSettings(absl::string_view fault);

}  // namespace drover::conformance

#endif  // CONFORMANCE_SUPERVISOR_TESTEE_SETTINGS_H_
