// What the control room refuses by itself; the core's refusals pass through.
// All reasons are here, so that they can be looked over as the API that they
// are.
#ifndef SUPERVISOR_CONTROL_REFUSALS_H_
#define SUPERVISOR_CONTROL_REFUSALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "drover/control/v1/control.pb.h"

namespace drover::control {

// The reasons below, each once: UPPER_SNAKE, stable.
std::vector<absl::string_view> OwnReasons();

absl::Status Malformed();
absl::Status UnknownMethod(absl::string_view method);
absl::Status NotAllowed(absl::string_view caller, absl::string_view method);
absl::Status TooManyCalls(size_t max);
absl::Status TooBusy();
absl::Status ResponseTooLarge(size_t bytes);
absl::Status Missing(absl::string_view field);
absl::Status UnknownPool(absl::string_view pool);
absl::Status UnknownSlot(absl::string_view pool, uint32_t slot);
absl::Status UnknownOperation(absl::string_view id);
absl::Status BadPageToken();
absl::Status BadToken();
absl::Status TokenOfAnotherSession();
absl::Status TokenTooOld();
absl::Status SupervisorEnded();
absl::Status CannotUpgrade();
absl::Status BadConfig(absl::string_view message, absl::string_view field,
                       absl::string_view remedy);

// The end of a call, with the refusal as its ErrorDetail. What a client sent
// comes back in it cut and made safe to show: gRPC's trailers are small.
control::v1::End ToEnd(uint64_t call, const absl::Status& status);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_REFUSALS_H_
