// The supervisor that was killed before this one: what its journal says.
#ifndef SUPERVISOR_MAIN_PREDECESSOR_H_
#define SUPERVISOR_MAIN_PREDECESSOR_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"
#include "drover/config/v1/config.pb.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/state.h"

namespace drover {

struct LostWorker {
  core::Identity id;
  int32_t pid = 0;
  core::WorkerState state = core::WorkerState::kSpawned;
  // Raw.
  std::string status_text;
  // When it was noted last.
  absl::Time noted;
};

// A worker that was lost got to know it by the end of its channel, and finishes
// what it has; its pid is shown and never used.
struct Predecessor {
  // Of them, those are shown.
  static constexpr size_t kShownMax = 256;

  int32_t pid = 0;
  absl::Time started;
  // Of its last note; that it lived then is all that is known without a holder.
  absl::Time last_sign;
  // "SIGKILL"; empty where nobody could tell.
  std::string ended_by;
  // By pool and slot.
  std::vector<LostWorker> workers;
  // Why they, or some of them, are not known.
  std::string unknown;
  core::Incarnation last_incarnation = 0;

  struct Count {
    uint32_t configured = 0;
    uint32_t scaled = 0;
  };
  std::map<std::string, Count> counts;
};

// What these journals (their bytes, or why there are none) say together; the
// newest is that of the predecessor. nullopt: there are none at all.
std::optional<Predecessor> ReadPredecessor(
    const std::vector<absl::StatusOr<std::string>>& journals);

// Pools that were scaled since the configuration was applied, which still says
// what it said then, are started as they were. Returns those, by name.
std::map<std::string, Predecessor::Count> KeepScale(
    const Predecessor& predecessor, config::v1::Config* config);

// One line; the workers are told apart.
std::string Describe(const Predecessor& predecessor);
std::string Describe(const LostWorker& worker);

admin::v1::Predecessor ToMessage(const Predecessor& predecessor);

}  // namespace drover

#endif  // SUPERVISOR_MAIN_PREDECESSOR_H_
