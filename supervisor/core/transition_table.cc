#include "supervisor/core/transition_table.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace drover::core {
namespace {

using enum Action;

// A cell without a state of its own stays where it is.
struct Cell {
  Action action = kIgnore;
  bool moves = false;
  WorkerState next = WorkerState::kSpawned;

  constexpr Cell(Action a) : action(a) {}  // NOLINT: reads as a table
  constexpr Cell(Action a, WorkerState to) : action(a), moves(true), next(to) {}
};

using Row = std::array<Cell, kInputCount>;

constexpr WorkerState kFail = WorkerState::kFailed;

// Each way for a live process to go wrong leads to FAILED; named once, to keep
// the rows readable.
constexpr Cell kViol = {kViolate, kFail};
constexpr Cell kGive = {kGiveUp, kFail};
constexpr Cell kGoes = {kLeave, WorkerState::kShuttingDown};
constexpr Cell kPeer = {kPeerError, kFail};
constexpr Cell kRej = {kReject, kFail};
constexpr Cell kLost = {kLose, kFail};
constexpr Cell kFull = {kStall, kFail};
constexpr Cell kGone = {kEnd, WorkerState::kEnded};
constexpr Cell kInit = {kWelcome, WorkerState::kInitialized};
constexpr Cell kUp = {kBecome, WorkerState::kStarted};
constexpr Cell kDown = {kBecome, WorkerState::kStopped};
constexpr Cell kSlowDrain = {kStopLate, WorkerState::kShuttingDown};
constexpr Cell kNoHello = {kHelloLate, kFail};
constexpr Cell kSlowStart = {kStartLate, kFail};
constexpr Cell kSlowQuit = {kQuitLate, kFail};

// Columns in the order of Input. kBeat moves to FAILED by itself where the Pong
// is missing: whether it is, the heartbeat knows, not the table.
// clang-format off
constexpr std::array<Row, kWorkerStateCount> kTable = {{
  // SPAWNED: nothing is heard before Hello but last words.
  {kInit, kViol, kViol, kViol, kViol, kViol, kViol, kViol,
   kViol, kViol, kViol, kViol, kViol, kGive, kPeer, kViol, kViol,
   kRej, kLost, kFull, kNoHello, kGone},
  // INITIALIZED
  {kViol, kText, kViol, kViol, kViol, kViol, kGoes, kGive,
   kHearPong, kHearResult, kHearRequest, kNote, kHearGauges, kGive, kPeer,
   kHearUser, kUnimplemented, kRej, kLost, kFull, kBeat, kGone},
  // STARTING: a report INITIALIZED may cross the first Start.
  {kViol, kIgnore, kText, kUp, kViol, kViol, kGoes, kGive,
   kHearPong, kHearResult, kHearRequest, kExtend, kHearGauges, kGive, kPeer,
   kHearUser, kUnimplemented, kRej, kLost, kFull, kSlowStart, kGone},
  // STARTED
  {kViol, kViol, kViol, kText, kViol, kViol, kGoes, kGive,
   kHearPong, kHearResult, kHearRequest, kNote, kHearGauges, kGive, kPeer,
   kHearUser, kUnimplemented, kRej, kLost, kFull, kBeat, kGone},
  // STOPPING: so it may when Stop follows the first Start at once.
  {kViol, kIgnore, kViol, kViol, kText, kDown, kGoes, kGive,
   kHearPong, kHearResult, kHearRequest, kExtend, kHearGauges, kGive, kPeer,
   kHearUser, kUnimplemented, kRej, kLost, kFull, kSlowDrain, kGone},
  // STOPPED
  {kViol, kViol, kViol, kViol, kViol, kText, kGoes, kGive,
   kHearPong, kHearResult, kHearRequest, kNote, kHearGauges, kGive, kPeer,
   kHearUser, kUnimplemented, kRej, kLost, kFull, kBeat, kGone},
  // SHUTTING_DOWN: it was told to go; only its end and its words matter.
  {kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kText, kWords,
   kHearPong, kIgnore, kIgnore, kNote, kIgnore, kWords, kWords,
   kHearUser, kIgnore, kIgnore, kIgnore, kIgnore, kSlowQuit, kGone},
  // FAILED: it is being ended.
  {kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kWords,
   kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kWords, kWords,
   kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kEscalate, kGone},
  // ENDED
  {kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore,
   kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore,
   kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore, kIgnore},
}};
// clang-format on

}  // namespace

Transition Lookup(WorkerState state, Input input) {
  const Cell& cell =
      kTable[static_cast<size_t>(state)][static_cast<size_t>(input)];
  return {cell.action, cell.moves ? cell.next : state};
}

absl::string_view Name(Input input) {
  static constexpr std::array<absl::string_view, kInputCount> kNames = {
      "Hello",       "INITIALIZED",   "STARTING", "STARTED", "STOPPING",
      "STOPPED",     "SHUTTING_DOWN", "FAILED",   "Pong",    "Result",
      "Request",     "Progress",      "Gauges",   "Fatal",   "ProtocolError",
      "UserMessage", "unknown",       "rejected", "closed",  "overflow",
      "deadline",    "exited"};
  return kNames[static_cast<size_t>(input)];
}

absl::string_view Name(Action action) {
  static constexpr std::array<absl::string_view, 27> kNames = {
      "ignore",     "violation",    "welcome",       "text",      "become",
      "pong",       "result",       "request",       "extend",    "note",
      "gauges",     "user message", "unimplemented", "words",     "leave",
      "give up",    "peer error",   "reject",        "lose",      "stall",
      "hello late", "start late",   "stop late",     "quit late", "beat",
      "escalate",   "end"};
  return kNames[static_cast<size_t>(action)];
}

std::string PrintTable() {
  std::string out = "| state |";
  for (int i = 0; i < kInputCount; ++i) {
    absl::StrAppend(&out, " ", Name(static_cast<Input>(i)), " |");
  }
  absl::StrAppend(&out, "\n|---|");
  for (int i = 0; i < kInputCount; ++i) absl::StrAppend(&out, "---|");
  for (int s = 0; s < kWorkerStateCount; ++s) {
    auto state = static_cast<WorkerState>(s);
    absl::StrAppend(&out, "\n| ", Name(state), " |");
    for (int i = 0; i < kInputCount; ++i) {
      Transition cell = Lookup(state, static_cast<Input>(i));
      absl::StrAppend(&out, " ", Name(cell.action));
      if (cell.next != state) absl::StrAppend(&out, " -> ", Name(cell.next));
      absl::StrAppend(&out, " |");
    }
  }
  return absl::StrCat(out, "\n");
}

}  // namespace drover::core
