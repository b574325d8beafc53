#include "supervisor/core/operation.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace drover::core {
namespace {

class OperationLogTest : public testing::Test {
 protected:
  OperationId Begin(OperationId parent = 0, bool assembling = false) {
    Operation operation;
    operation.parent = parent;
    operation.assembling = assembling;
    return log_.Begin(operation, &effects_).id;
  }
  void End(OperationId id, OperationState state) {
    auto failure = std::make_shared<const Failure>(
        Because(FailureReason::kExited, absl::StrCat("op ", id)));
    log_.End(id, state, state == OperationState::kSucceeded ? nullptr : failure,
             absl::UnixEpoch(), &effects_);
  }

  OperationLog log_;
  Effects effects_;
};

TEST_F(OperationLogTest, AParentEndsWithItsLastChild) {
  OperationId parent = Begin(0, /*assembling=*/true);
  OperationId first = Begin(parent);
  End(first, OperationState::kSucceeded);
  OperationId second = Begin(parent);
  log_.Assembled(parent, absl::UnixEpoch(), &effects_);
  EXPECT_EQ(log_.Find(parent)->state, OperationState::kRunning);
  EXPECT_EQ(log_.Find(parent)->done, 1u);
  End(second, OperationState::kSucceeded);
  EXPECT_EQ(log_.Find(parent)->state, OperationState::kSucceeded);
}

TEST_F(OperationLogTest, AParentFailsForTheChildThatFailedFirst) {
  OperationId parent = Begin(0, /*assembling=*/true);
  OperationId first = Begin(parent);
  OperationId second = Begin(parent);
  log_.Assembled(parent, absl::UnixEpoch(), &effects_);
  End(second, OperationState::kRolledBack);
  End(first, OperationState::kFailed);
  EXPECT_EQ(log_.Find(parent)->state, OperationState::kFailed);
  EXPECT_EQ(log_.Find(parent)->failure->message, "op 3");
}

TEST_F(OperationLogTest, AnEndIsFinal) {
  OperationId id = Begin();
  End(id, OperationState::kFailed);
  End(id, OperationState::kSucceeded);
  EXPECT_EQ(log_.Find(id)->state, OperationState::kFailed);
}

TEST_F(OperationLogTest, KeepsTheLastEndedAndEveryRunningOne) {
  OperationId running = Begin();
  for (size_t i = 0; i < OperationLog::kEndedKept + 50; ++i) {
    OperationId parent = Begin(0, /*assembling=*/true);
    End(Begin(parent), OperationState::kSucceeded);
    log_.Assembled(parent, absl::UnixEpoch(), &effects_);
  }
  EXPECT_NE(log_.Find(running), nullptr);
  EXPECT_LE(log_.all().size(), OperationLog::kEndedKept + 2);
  // A parent that is kept has all its children.
  for (const auto& [id, operation] : log_.all()) {
    for (OperationId child : operation.children) {
      EXPECT_NE(log_.Find(child), nullptr);
    }
  }
}

}  // namespace
}  // namespace drover::core
