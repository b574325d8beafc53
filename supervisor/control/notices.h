// The core's notices as events of the admin API.
#ifndef SUPERVISOR_CONTROL_NOTICES_H_
#define SUPERVISOR_CONTROL_NOTICES_H_

#include <optional>
#include <string>

#include "supervisor/control/backend.h"
#include "supervisor/control/event_log.h"
#include "supervisor/core/notice.h"

namespace drover::control {

// nullopt for what is no event by itself: changes of operations, which are told
// once a turn (see EventOf(operation)).
std::optional<Happening> EventOf(const core::Notice& notice,
                                 const Backend& backend);

// nullopt if the operation is not known any more.
std::optional<Happening> EventOf(core::OperationId operation,
                                 const Backend& backend);

// A process' change to its last state, which depends on how it ended.
Happening EndEvent(const core::WorkerChanged& notice, bool clean,
                   const Backend& backend);

// The upgrade under way, or its outcome; there is one.
Happening UpgradeEvent(const Backend& backend);

// Something about the gateway itself.
Happening GatewayEvent(std::string text, const Backend& backend);

// What is known of the supervisor before this one, which was killed.
Happening LossEvent(const admin::v1::Predecessor& predecessor,
                    const Backend& backend);

}  // namespace drover::control

#endif  // SUPERVISOR_CONTROL_NOTICES_H_
