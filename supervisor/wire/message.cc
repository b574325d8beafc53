#include "supervisor/wire/message.h"

#include "absl/strings/str_cat.h"
#include "supervisor/wire/frame.h"

namespace drover::wire {

absl::StatusOr<worker::v1::ToSupervisor> ParseToSupervisor(
    absl::string_view body) {
  worker::v1::ToSupervisor message;
  if (!message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "frame of ", body.size(), " bytes is not a ToSupervisor message"));
  }
  return message;
}

absl::Status AppendToWorker(const worker::v1::ToWorker& message,
                            std::string* out) {
  return AppendFrame(message.SerializeAsString(), kWorkerFrameMax, out);
}

}  // namespace drover::wire
