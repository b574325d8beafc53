#include "supervisor/base/log.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace drover::log {
namespace {

constexpr std::array<absl::string_view, 7> kNames = {
    "core", "wire", "os", "config", "control", "admin", "cli"};

// Written before threads start, read by all of them afterwards.
std::array<bool, kNames.size()> enabled = {};

void Write(std::string line) {
  line.push_back('\n');
  // A diagnostic that cannot be written has nowhere to be reported to.
  [[maybe_unused]] ssize_t written =
      ::write(STDERR_FILENO, line.data(), line.size());
}

void Set(absl::string_view name, bool on) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == "*" || name == kNames[i]) enabled[i] = on;
  }
}

}  // namespace

absl::string_view Name(Component component) {
  return kNames[static_cast<size_t>(component)];
}

void SetFilter(absl::string_view filter) {
  enabled.fill(false);
  for (absl::string_view part :
       absl::StrSplit(filter, absl::ByAnyChar(", "), absl::SkipEmpty())) {
    bool on = !absl::ConsumePrefix(&part, "-");
    absl::ConsumePrefix(&part, "drover:");
    Set(part, on);
  }
}

void InitFromEnvironment() {
  const char* filter = std::getenv("DROVER_LOG");
  if (filter != nullptr) SetFilter(filter);
}

bool Enabled(Component component) {
  return enabled[static_cast<size_t>(component)];
}

void Debug(Component component, absl::string_view text) {
  Write(absl::StrCat("drover ", Name(component), ": ", text));
}

void Warning(absl::string_view text) {
  Write(absl::StrCat("drover: warning: ", text));
}

}  // namespace drover::log
