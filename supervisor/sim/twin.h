// The core's state is written out and read back at any step. The core that was
// read goes on; the one that was written runs beside it for a while, and must
// do the same.
#ifndef SUPERVISOR_SIM_TWIN_H_
#define SUPERVISOR_SIM_TWIN_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "supervisor/core/supervisor.h"

namespace drover::sim {

// By way of bytes, as a file would have it.
absl::StatusOr<std::unique_ptr<core::Supervisor>> ReadBack(
    const core::Supervisor& core, const core::Options& options);

class Twin {
 public:
  // Follows for so many steps.
  void Begin(std::unique_ptr<core::Supervisor> core, uint64_t steps);
  void End() { core_.reset(); }

  // The one to give the same input; nullptr if there is none.
  core::Supervisor* core() { return core_.get(); }

  // After the same input: what the two do differently; empty if nothing.
  std::string Compare(const core::Effects& theirs, const core::Effects& ours,
                      const core::Supervisor& core);

 private:
  std::unique_ptr<core::Supervisor> core_;
  uint64_t steps_ = 0;
};

}  // namespace drover::sim

#endif  // SUPERVISOR_SIM_TWIN_H_
