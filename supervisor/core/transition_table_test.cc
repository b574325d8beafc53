#include "supervisor/core/transition_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace drover::core {
namespace {

std::vector<WorkerState> AllStates() {
  std::vector<WorkerState> states;
  for (int i = 0; i < kWorkerStateCount; ++i) {
    states.push_back(static_cast<WorkerState>(i));
  }
  return states;
}

std::vector<Input> AllInputs() {
  std::vector<Input> inputs;
  for (int i = 0; i < kInputCount; ++i) {
    inputs.push_back(static_cast<Input>(i));
  }
  return inputs;
}

TEST(TransitionTableTest, NamesAreCompleteAndUnique) {
  std::vector<std::string> names;
  for (WorkerState state : AllStates()) names.emplace_back(Name(state));
  for (Input input : AllInputs()) {
    names.emplace_back(absl::StrCat("input ", Name(input)));
  }
  for (const std::string& name : names) EXPECT_NE(name, "?");
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

// A process is gone when the kernel says so, and never otherwise.
TEST(TransitionTableTest, OnlyAnExitEndsAndAnExitAlwaysDoes) {
  for (WorkerState state : AllStates()) {
    for (Input input : AllInputs()) {
      Transition cell = Lookup(state, input);
      bool ends = cell.next == WorkerState::kEnded;
      if (state == WorkerState::kEnded) {
        EXPECT_EQ(cell.action, Action::kIgnore);
      } else {
        EXPECT_EQ(ends, input == Input::kExited)
            << Name(state) << " " << Name(input);
      }
    }
  }
}

// There is no way back from being ended.
TEST(TransitionTableTest, FailedAndShuttingDownAreLeftForwardOnly) {
  for (Input input : AllInputs()) {
    WorkerState next = Lookup(WorkerState::kShuttingDown, input).next;
    EXPECT_TRUE(next == WorkerState::kShuttingDown ||
                next == WorkerState::kFailed || next == WorkerState::kEnded);
    next = Lookup(WorkerState::kFailed, input).next;
    EXPECT_TRUE(next == WorkerState::kFailed || next == WorkerState::kEnded);
  }
}

TEST(TransitionTableTest, EveryLiveStateHasAnAnswerToItsDeadline) {
  for (WorkerState state : AllStates()) {
    if (state == WorkerState::kEnded) continue;
    EXPECT_NE(Lookup(state, Input::kDeadline).action, Action::kIgnore)
        << Name(state);
  }
}

// The heartbeat is the deadline of stable states, and of no other.
TEST(TransitionTableTest, OnlyStableStatesBeat) {
  for (WorkerState state : AllStates()) {
    EXPECT_EQ(Lookup(state, Input::kDeadline).action == Action::kBeat,
              IsStable(state))
        << Name(state);
  }
}

// An unknown body is never a violation once the worker has introduced itself.
TEST(TransitionTableTest, UnknownIsNoViolationAfterHello) {
  for (WorkerState state : AllStates()) {
    if (state == WorkerState::kSpawned) continue;
    EXPECT_NE(Lookup(state, Input::kUnknown).action, Action::kViolate);
  }
}

TEST(TransitionTableTest, PrintsOneRowAState) {
  std::string table = PrintTable();
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'),
            kWorkerStateCount + 2);
  EXPECT_NE(table.find("| SPAWNED | welcome -> INITIALIZED |"),
            std::string::npos);
}

}  // namespace
}  // namespace drover::core
