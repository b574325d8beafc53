// The API's enums and ids in the words of people. A value that this release
// does not know is shown by its number.
#ifndef SUPERVISOR_CLI_WORDS_H_
#define SUPERVISOR_CLI_WORDS_H_

#include <string>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/cli/style.h"

namespace drover::cli {

// "STARTED", "RUNNING", "reload", "rolled back", "START_TIMEOUT", "stderr".
std::string Word(admin::v1::WorkerState state);
std::string Word(admin::v1::PoolState state);
std::string Word(admin::v1::OperationKind kind);
std::string Word(admin::v1::OperationState state);
std::string Word(admin::v1::FailureReason reason);
std::string Word(admin::v1::ChangeKind kind);

Tone ToneOf(admin::v1::WorkerState state);
Tone ToneOf(admin::v1::PoolState state);
Tone ToneOf(admin::v1::OperationState state);

// "web/3"
std::string Name(const admin::v1::WorkerId& id);
// "reload web", "shutdown"
std::string Title(const admin::v1::Operation& operation);

// Neither RUNNING nor ROLLING_BACK: it changes no more.
bool HasEnded(const admin::v1::Operation& operation);

// One sentence on how a process ended; the supervisor's own where it has one.
std::string Describe(const admin::v1::Exit& exit);

}  // namespace drover::cli

#endif  // SUPERVISOR_CLI_WORDS_H_
