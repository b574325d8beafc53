// The frames that the supervisor says, built from what it means.
#ifndef SUPERVISOR_CORE_MESSAGES_H_
#define SUPERVISOR_CORE_MESSAGES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "drover/worker/v1/worker.pb.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/settings.h"

namespace drover::core {

// Free text on the channel is at most this long, in both directions.
inline constexpr size_t kTextMax = 256;

// At most kTextMax bytes, cut at a code point.
absl::string_view Cut(absl::string_view text);
std::string CutText(absl::string_view text);

// For texts: to the millisecond.
std::string ShowDuration(absl::Duration duration);

// A user message's payload is at most this long.
inline constexpr size_t kPayloadMax = 65000;

// [a-z][a-z0-9._-]{0,62} and [a-z][a-z0-9_]{0,62}.
bool IsTopic(absl::string_view name);
bool IsGaugeName(absl::string_view name);

// Offered capabilities that `hello` has as well.
worker::v1::ToWorker WelcomeMessage(const worker::v1::Hello& hello,
                                    const Identity& identity,
                                    const WorkerSettings& settings,
                                    absl::string_view version);
worker::v1::ToWorker StartMessage(uint64_t op, absl::Duration deadline);
worker::v1::ToWorker StopMessage(uint64_t op, absl::Duration deadline,
                                 worker::v1::Cause cause,
                                 absl::string_view text);
worker::v1::ToWorker QuitMessage(uint64_t op, absl::Duration deadline,
                                 worker::v1::Cause cause,
                                 absl::string_view text);
worker::v1::ToWorker ReloadMessage(uint64_t op, absl::Duration deadline);
worker::v1::ToWorker LameDuckMessage(absl::Duration stop_in);
worker::v1::ToWorker PingMessage(uint64_t id);
worker::v1::ToWorker ResultMessage(uint64_t re, worker::v1::ResultCode code,
                                   absl::string_view text);
worker::v1::ToWorker ErrorMessage(worker::v1::ProtocolErrorCode code,
                                  absl::string_view text);
worker::v1::ToWorker UserMessage(absl::string_view topic,
                                 absl::string_view payload);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_MESSAGES_H_
