// Operations: what was asked, how far it is, and how it ended.
#ifndef SUPERVISOR_CORE_OPERATION_H_
#define SUPERVISOR_CORE_OPERATION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "supervisor/core/effect.h"
#include "supervisor/core/failure.h"
#include "supervisor/core/ids.h"
#include "supervisor/core/state.h"

namespace drover::state::v1 {
class Core;
}  // namespace drover::state::v1

namespace drover::core {

class StateErrors;

struct Operation {
  OperationId id = 0;
  OperationKind kind = OperationKind::kApply;
  OperationState state = OperationState::kRunning;
  std::string pool;  // empty for apply and shutdown
  std::string plan;
  std::string caller;
  absl::Time created;
  std::optional<absl::Time> ended;
  uint32_t done = 0;
  uint32_t total = 0;
  std::shared_ptr<const Failure> failure;
  std::vector<OperationId> children;
  OperationId parent = 0;
  // Children are still being added: it does not end yet.
  bool assembling = false;
};

// All running operations and the last ended ones. A parent ends when its last
// child has; it fails if one of them did not succeed.
class OperationLog {
 public:
  static constexpr size_t kEndedKept = 256;

  // The returned reference is valid until the next call.
  Operation& Begin(Operation operation, Effects* effects);

  const Operation* Find(OperationId id) const;
  const std::map<OperationId, Operation>& all() const { return operations_; }

  void Write(state::v1::Core* to) const;
  void Read(const state::v1::Core& from, StateErrors& errors);

  // No child follows; ends the operation if all have ended.
  void Assembled(OperationId id, absl::Time now, Effects* effects);
  void SetTotal(OperationId id, uint32_t total, Effects* effects);
  void Advance(OperationId id, Effects* effects);
  void SetRollingBack(OperationId id, Effects* effects);
  // Ends it; `failure` may be null. Ending an ended one changes nothing.
  void End(OperationId id, OperationState state,
           std::shared_ptr<const Failure> failure, absl::Time now,
           Effects* effects);

 private:
  void EndChild(OperationId parent, const Operation& child, absl::Time now,
                Effects* effects);
  void EndWithChildren(OperationId id, absl::Time now, Effects* effects);
  void Forget();

  std::map<OperationId, Operation> operations_;
  OperationId last_ = 0;
  size_t ended_ = 0;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_OPERATION_H_
