// The lifecycle of one process as a table: state x input -> action and next
// state. It is the supervisor's table of SPEC.md; a test holds the two to one
// another. Commands are not inputs here: what the supervisor wants of a worker
// is a goal (worker.h), and a stable state whose goal differs sends the
// command.
#ifndef SUPERVISOR_CORE_TRANSITION_TABLE_H_
#define SUPERVISOR_CORE_TRANSITION_TABLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "supervisor/core/state.h"

namespace drover::core {

// What can happen to a process: words of the worker, then facts about it.
enum class Input {
  kHello,
  kInitialized,  // StateReport INITIALIZED, and so on
  kStarting,
  kStarted,
  kStopping,
  kStopped,
  kShuttingDown,
  kFailed,
  kPong,
  kResult,
  kRequest,
  kProgress,
  kGauges,
  kFatal,
  kProtocolError,
  kUserMessage,
  kUnknown,   // a body (or state) this supervisor does not know
  kRejected,  // bytes that are no frame or no message
  kClosed,    // end of the channel
  kOverflow,  // the queue to the worker is full
  kDeadline,  // the state's deadline, or the heartbeat's in a stable state
  kExited,
};
inline constexpr int kInputCount = 22;

enum class Action {
  kIgnore,
  kViolate,        // SEQUENCE: say so, then end the process
  kWelcome,        // check the version, answer
  kText,           // the same state again: take its text
  kBecome,         // enter the next state as the worker reports it
  kHearPong,       // the heartbeat's business
  kHearResult,     // an answer to a command that no state answers
  kHearRequest,    // the pool's business
  kExtend,         // text, and the deadline may move
  kNote,           // text alone
  kHearGauges,     //
  kHearUser,       // the embedding program's business
  kUnimplemented,  // answer so where an answer is wanted
  kWords,          // keep the last words
  kLeave,          // it goes by itself, as if it had been told to
  kGiveUp,         // the worker says it cannot go on: await its exit
  kPeerError,      // the worker says we broke the protocol: await its exit
  kReject,         // say which limit or format was broken, then end it
  kLose,           // control is lost: await its exit for a short time
  kStall,          // it does not read: end it
  kHelloLate,
  kStartLate,
  kStopLate,  // Quit although the drain has not finished
  kQuitLate,
  kBeat,      // send Ping, or end it for a Pong that is missing
  kEscalate,  // the next step of SIGTERM + SIGCONT, SIGKILL
  kEnd,
};

struct Transition {
  Action action = Action::kIgnore;
  // Equal to the row's state where it is not left.
  WorkerState next = WorkerState::kSpawned;
};

Transition Lookup(WorkerState state, Input input);

absl::string_view Name(Input input);
absl::string_view Name(Action action);

// The table as Markdown, one row a state: for docs and for the test.
std::string PrintTable();

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_TRANSITION_TABLE_H_
