// The half of an upgrade in place that the new program does: it says whether it
// can take over, and does (upgrade.h has the other half).
#ifndef SUPERVISOR_MAIN_TAKE_OVER_H_
#define SUPERVISOR_MAIN_TAKE_OVER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "drover/state/v1/handover.pb.h"
#include "supervisor/main/take_over_arguments.h"

namespace drover {

// The state that was handed over, complete and coherent, its descriptors each
// what it is said to be, and no other open.
absl::StatusOr<state::v1::Handover> ReadHandedOver(
    const TakeOverArguments& arguments);

// Until EndGuard(), a crash, an exit or a hang of this program executes the
// former one. The first thing that main does.
void BeginGuard(const std::vector<std::string>& own_arguments,
                const TakeOverArguments& arguments);
// This program goes on, whatever comes; the former one is let go of.
void EndGuard(const TakeOverArguments& arguments);

// Reads the state that the running program has given, answers whether this one
// could take over from it, and returns what to exit with. `gateway` is the path
// of the gateway's program.
int AnswerCheck(const std::string& gateway);

}  // namespace drover

#endif  // SUPERVISOR_MAIN_TAKE_OVER_H_
