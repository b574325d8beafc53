// Stays with an operation to its end, and shows how it goes.
#ifndef SUPERVISOR_CLI_FOLLOW_H_
#define SUPERVISOR_CLI_FOLLOW_H_

#include <memory>

#include "supervisor/cli/command.h"
#include "supervisor/cli/session.h"

namespace drover::cli {

// kOk if it succeeded, kFailed if it ended otherwise. With --detach, kOk once
// it has an id. Interrupted() or DeadlineExceeded where the user or --timeout
// ended the wait: the operation goes on, and the message says so. A gateway
// that dies meanwhile is waited for.
Outcome Follow(Session* session, std::unique_ptr<OperationStream> stream,
               const Options& options, Output* output);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_FOLLOW_H_
