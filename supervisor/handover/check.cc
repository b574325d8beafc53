#include "supervisor/handover/check.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/config/normalize.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/handover/container.h"
#include "supervisor/handover/references.h"
#include "supervisor/handover/unknown.h"

namespace drover::handover {
namespace {

// Workers of these users run: whether they can be looked up, which may take a
// while, says nothing of the state.
class Anybody final : public config::Accounts {
 public:
  bool HasUser(const std::string&) const override { return true; }
  bool HasGroup(const std::string&) const override { return true; }
};

absl::Status Parse(absl::string_view payload, state::v1::Handover* handover) {
  if (!handover->ParseFromArray(payload.data(),
                                static_cast<int>(payload.size()))) {
    return absl::InvalidArgumentError("the state is no message");
  }
  if (auto unknown = FindUnknownField(*handover)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the state has what this release does not know: ", *unknown));
  }
  return absl::OkStatus();
}

absl::Status CheckParts(const state::v1::Handover& handover) {
  const std::pair<bool, absl::string_view> parts[] = {
      {handover.has_core(), "core"},
      {handover.has_shell(), "shell"},
      {handover.has_control(), "control"},
      {handover.has_program(), "program"},
  };
  for (const auto& [there, name] : parts) {
    if (!there) {
      return absl::InvalidArgumentError(
          absl::StrCat("the state is without its part ", name));
    }
  }
  return absl::OkStatus();
}

// Each spec in force, by itself: what pools are to one another was decided when
// they were applied.
absl::Status CheckConfiguration(const state::v1::Handover& handover,
                                config::Host host) {
  static const Anybody anybody;
  host.accounts = &anybody;
  for (const state::v1::Pool& pool : handover.core().pools()) {
    for (const state::v1::Generation& generation : pool.generations()) {
      config::v1::Config config;
      *config.mutable_supervisor() = handover.program().supervisor();
      *config.add_pools() = generation.spec();
      config.mutable_pools(0)->clear_after();
      auto prepared = config::Prepare(std::move(config), host);
      if (prepared.ok()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("the configuration in force, pool ",
                       generation.spec().name(), " generation ",
                       generation.number(), ": ", prepared.status().message()));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCore(const state::v1::Core& core) {
  absl::Status status = core::Supervisor::Read(core, {}).status();
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("the core's state: ", status.message()));
}

}  // namespace

absl::StatusOr<state::v1::Handover> ReadState(absl::string_view bytes,
                                              const config::Host& host) {
  auto payload = Unwrap(bytes);
  if (!payload.ok()) return payload.status();
  state::v1::Handover handover;
  absl::Status status = Parse(*payload, &handover);
  if (status.ok()) status = CheckParts(handover);
  if (status.ok()) status = CheckConfiguration(handover, host);
  if (status.ok()) status = CheckCore(handover.core());
  if (status.ok()) status = CheckReferences(handover);
  if (!status.ok()) return status;
  return handover;
}

}  // namespace drover::handover
