#include "supervisor/core/operation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::core {
namespace {

void Changed(OperationId id, Effects* effects) {
  effects->push_back(Notify{OperationChanged{id}});
}

}  // namespace

Operation& OperationLog::Begin(Operation operation, Effects* effects) {
  operation.id = ++last_;
  OperationId id = operation.id;
  auto parent = operations_.find(operation.parent);
  if (parent != operations_.end()) {
    parent->second.children.push_back(id);
    ++parent->second.total;
  }
  Operation& placed =
      operations_.emplace(id, std::move(operation)).first->second;
  Changed(id, effects);
  return placed;
}

const Operation* OperationLog::Find(OperationId id) const {
  auto it = operations_.find(id);
  return it == operations_.end() ? nullptr : &it->second;
}

void OperationLog::SetTotal(OperationId id, uint32_t total, Effects* effects) {
  operations_.at(id).total = total;
  Changed(id, effects);
}

void OperationLog::Advance(OperationId id, Effects* effects) {
  Operation& operation = operations_.at(id);
  operation.done = std::min(operation.done + 1, operation.total);
  Changed(id, effects);
}

void OperationLog::SetRollingBack(OperationId id, Effects* effects) {
  operations_.at(id).state = OperationState::kRollingBack;
  Changed(id, effects);
}

void OperationLog::End(OperationId id, OperationState state,
                       std::shared_ptr<const Failure> failure, absl::Time now,
                       Effects* effects) {
  auto it = operations_.find(id);
  if (it == operations_.end() || IsFinal(it->second.state)) return;
  Operation& operation = it->second;
  operation.state = state;
  operation.failure = std::move(failure);
  operation.ended = now;
  if (state == OperationState::kSucceeded) operation.done = operation.total;
  ++ended_;
  Changed(id, effects);
  if (operation.parent != 0) {
    EndChild(operation.parent, operation, now, effects);
  }
  Forget();
}

void OperationLog::EndChild(OperationId parent_id, const Operation& child,
                            absl::Time now, Effects* effects) {
  Operation& parent = operations_.at(parent_id);
  parent.done = std::min(parent.done + 1, parent.total);
  if (child.state != OperationState::kSucceeded && parent.failure == nullptr) {
    parent.failure = child.failure;
  }
  Changed(parent_id, effects);
  EndWithChildren(parent_id, now, effects);
}

void OperationLog::Assembled(OperationId id, absl::Time now, Effects* effects) {
  operations_.at(id).assembling = false;
  EndWithChildren(id, now, effects);
}

void OperationLog::EndWithChildren(OperationId id, absl::Time now,
                                   Effects* effects) {
  const Operation& parent = operations_.at(id);
  bool all_ended = std::all_of(parent.children.begin(), parent.children.end(),
                               [this](OperationId child) {
                                 return IsFinal(operations_.at(child).state);
                               });
  if (parent.assembling || !all_ended) return;
  End(id,
      parent.failure == nullptr ? OperationState::kSucceeded
                                : OperationState::kFailed,
      parent.failure, now, effects);
}

// The oldest ended first; a family goes as one, so that a parent never names a
// child that is unknown.
void OperationLog::Forget() {
  for (auto it = operations_.begin();
       it != operations_.end() && ended_ > kEndedKept;) {
    const Operation& operation = it->second;
    auto parent = operations_.find(operation.parent);
    bool parent_runs = parent != operations_.end() && operation.parent != 0;
    if (!IsFinal(operation.state) || parent_runs) {
      ++it;
      continue;
    }
    std::vector<OperationId> children = operation.children;
    it = operations_.erase(it);
    --ended_;
    for (OperationId child : children) {
      auto found = operations_.find(child);
      if (found == operations_.end()) continue;
      if (found == it) ++it;
      operations_.erase(found);
      --ended_;
    }
  }
}

}  // namespace drover::core
