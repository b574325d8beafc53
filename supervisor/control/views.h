// The core's views and notices as messages of the admin API. Pure. Everything
// that a worker wrote is made safe to show on the way.
#ifndef SUPERVISOR_CONTROL_VIEWS_H_
#define SUPERVISOR_CONTROL_VIEWS_H_

#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "drover/admin/v1/admin.pb.h"
#include "supervisor/control/backend.h"
#include "supervisor/core/notice.h"
#include "supervisor/core/view.h"
#include "supervisor/output/store.h"

namespace drover::control {

// Turns instants of the core's clock into times and ages for people.
struct Clock {
  absl::Time now;  // the core's
  std::function<absl::Time(absl::Time)> to_wall;
};

void Fill(absl::Time time, google::protobuf::Timestamp* to);

admin::v1::WorkerState WorkerStateOf(core::WorkerState state);
admin::v1::PoolState PoolStateOf(core::PoolState state);

admin::v1::WorkerId ToMessage(const core::Identity& identity);
admin::v1::Exit ToMessage(const core::Exit& exit, const Clock& clock);
admin::v1::Failure ToMessage(const core::Failure& failure, const Clock& clock);
admin::v1::Worker ToMessage(const core::WorkerView& view, const Clock& clock);
admin::v1::Operation ToMessage(const core::OperationView& view,
                               const Clock& clock);
admin::v1::LogLine ToMessage(const output::Line& line);

// Environment values stay out: they may be secrets.
admin::v1::Pool ToMessage(const core::PoolView& view,
                          const std::vector<BoundListener>& listeners,
                          const Clock& clock);

// Leaves of an exit's last output what lists, snapshots and events show: the
// last 5 lines, at most 200 bytes each.
void Abridge(admin::v1::Exit* exit);
void Abridge(admin::v1::Worker* worker);

// The same for whatever can hold a Failure: a Pool, an Operation, PoolChanged.
template <typename Message>
void AbridgeFailure(Message* message) {
  if (message->has_failure() && message->failure().has_exit()) {
    Abridge(message->mutable_failure()->mutable_exit());
  }
}

// "op-17", and back; nullopt for anything else.
std::string ToText(core::OperationId id);
std::optional<core::OperationId> ParseOperationId(absl::string_view text);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_VIEWS_H_
