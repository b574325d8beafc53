#include "supervisor/os/environment.h"

#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "supervisor/config/substitute.h"

namespace drover::os {
namespace {

absl::string_view Unquote(absl::string_view value) {
  bool quoted = value.size() >= 2 && value.front() == value.back() &&
                (value.front() == '"' || value.front() == '\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

Environment OwnEnvironment() {
  Environment own;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(*entry, absl::MaxSplits('=', 1));
    own.emplace(pair.first, pair.second);
  }
  return own;
}

bool IsReserved(absl::string_view name) {
  return absl::StartsWith(name, "DROVER_") ||
         absl::StartsWith(name, "LISTEN_") ||
         absl::StartsWith(name, "WATCHDOG_") || name == "NOTIFY_SOCKET";
}

absl::StatusOr<Environment> ParseEnvironmentFile(absl::string_view text) {
  Environment variables;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    size_t equals = line.find('=');
    absl::string_view name =
        absl::StripTrailingAsciiWhitespace(line.substr(0, equals));
    if (equals == absl::string_view::npos || name.empty() ||
        absl::StrContains(line, '\0')) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, " is not NAME=VALUE"));
    }
    absl::string_view value =
        absl::StripLeadingAsciiWhitespace(line.substr(equals + 1));
    variables[std::string(name)] = std::string(Unquote(value));
  }
  return variables;
}

EnvironmentTemplate::EnvironmentTemplate(Environment fixed,
                                         const Environment& configured,
                                         const Environment& reserved) {
  for (const auto& [name, value] : configured) {
    fixed.erase(name);
    if (reserved.contains(name)) continue;
    if (absl::StrContains(value, '$')) {
      variable_.emplace_back(name, value);
    } else {
      fixed[name] = value;
    }
  }
  for (const auto& [name, value] : reserved) fixed[name] = value;
  for (const auto& [name, value] : fixed) {
    fixed_.push_back(absl::StrCat(name, "=", value));
  }
}

void EnvironmentTemplate::Write(state::v1::LaunchPlan* to) const {
  to->mutable_environment()->Assign(fixed_.begin(), fixed_.end());
  for (const auto& [name, value] : variable_) {
    state::v1::Variable* variable = to->add_variables();
    variable->set_name(name);
    variable->set_value(value);
  }
}

EnvironmentTemplate::EnvironmentTemplate(const state::v1::LaunchPlan& from)
    : fixed_(from.environment().begin(), from.environment().end()) {
  for (const state::v1::Variable& variable : from.variables()) {
    variable_.emplace_back(variable.name(), variable.value());
  }
}

absl::StatusOr<EnvironmentTemplate::Instance> EnvironmentTemplate::For(
    const core::Identity& worker) const {
  Instance instance;
  instance.own_.reserve(variable_.size());
  instance.pointers_.reserve(variable_.size() + fixed_.size() + 1);
  for (const std::string& entry : fixed_) {
    instance.pointers_.push_back(entry.c_str());
  }
  for (const auto& [name, value] : variable_) {
    auto replaced =
        config::Substitute(value, {.pool = worker.pool,
                                   .slot = worker.slot,
                                   .generation = worker.generation});
    if (!replaced.ok()) return replaced.status();
    instance.own_.push_back(absl::StrCat(name, "=", *replaced));
    instance.pointers_.push_back(instance.own_.back().c_str());
  }
  instance.pointers_.push_back(nullptr);
  return instance;
}

}  // namespace drover::os
