#include "supervisor/sim/twin.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "drover/state/v1/state.pb.h"
#include "supervisor/core/testing/text.h"

namespace drover::sim {

absl::StatusOr<std::unique_ptr<core::Supervisor>> ReadBack(
    const core::Supervisor& core, const core::Options& options) {
  state::v1::Core written;
  core.Write(&written);
  state::v1::Core read;
  if (!read.ParseFromString(written.SerializeAsString())) {
    return absl::InternalError("what was written cannot be parsed");
  }
  return core::Supervisor::Read(read, options);
}

void Twin::Begin(std::unique_ptr<core::Supervisor> core, uint64_t steps) {
  core_ = std::move(core);
  steps_ = steps;
}

std::string Twin::Compare(const core::Effects& theirs,
                          const core::Effects& ours,
                          const core::Supervisor& core) {
  for (size_t i = 0; i < std::max(theirs.size(), ours.size()); ++i) {
    std::string before = i < theirs.size() ? core::Text(theirs[i]) : "nothing";
    std::string after = i < ours.size() ? core::Text(ours[i]) : "nothing";
    if (before != after) {
      return absl::StrCat("written: ", before, "; read back: ", after);
    }
  }
  if (core_->NextDeadline() != core.NextDeadline()) {
    return absl::StrCat("the next deadline of the one that was written is ",
                        core::Text(core_->NextDeadline() - core.NextDeadline()),
                        " later");
  }
  if (--steps_ == 0) End();
  return "";
}

}  // namespace drover::sim
