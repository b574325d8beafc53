// What goes in and out of the core as text, one line each: for traces, for the
// simulation's log, and to compare what two cores do.
#ifndef SUPERVISOR_CORE_TESTING_TEXT_H_
#define SUPERVISOR_CORE_TESTING_TEXT_H_

#include <string>

#include "absl/time/time.h"
#include "supervisor/core/command.h"
#include "supervisor/core/effect.h"
#include "supervisor/core/event.h"
#include "supervisor/core/view.h"

namespace drover::core {

std::string Text(const worker::v1::ToWorker& message);
std::string Text(const worker::v1::ToSupervisor& message);
std::string Text(const Event& event);
std::string Text(const Command& command);
// An OperationChanged says no more than its number; see Text(OperationView).
std::string Text(const Effect& effect);
// "op-3 reload RUNNING 1/2"
std::string Text(const OperationView& operation);
// "web/0 (3) STARTED incumbent, generation 2", "web/0 backing off"
std::string Text(const WorkerView& worker);
// "1.5s"
std::string Text(absl::Duration duration);

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TESTING_TEXT_H_
