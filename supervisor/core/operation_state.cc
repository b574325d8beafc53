// Operations, written out and read back.
#include <utility>

#include "supervisor/core/operation.h"
#include "supervisor/core/state_values.h"

namespace drover::core {
namespace {

void WriteOperation(const Operation& from, state::v1::Operation* to) {
  to->set_id(from.id);
  to->set_kind(static_cast<uint32_t>(from.kind));
  to->set_state(static_cast<uint32_t>(from.state));
  to->set_pool(from.pool);
  to->set_plan(from.plan);
  to->set_caller(from.caller);
  to->set_created(ToNanos(from.created));
  if (from.ended) to->set_ended(ToNanos(*from.ended));
  to->set_done(from.done);
  to->set_total(from.total);
  if (from.failure != nullptr) {
    WriteFailure(*from.failure, to->mutable_failure());
  }
  for (OperationId child : from.children) to->add_children(child);
  to->set_parent(from.parent);
}

Operation ReadOperation(const state::v1::Operation& from, StateErrors& errors) {
  Operation to;
  to.id = from.id();
  to.kind =
      errors.Checked(from.kind(), OperationKind::kRemove, "operation.kind");
  to.state = errors.Checked(from.state(), OperationState::kSuperseded,
                            "operation.state");
  to.pool = from.pool();
  to.plan = from.plan();
  to.caller = from.caller();
  to.created = FromNanos(from.created());
  if (from.has_ended()) to.ended = FromNanos(from.ended());
  to.done = from.done();
  to.total = from.total();
  if (from.has_failure()) to.failure = ReadFailure(from.failure(), errors);
  to.children.assign(from.children().begin(), from.children().end());
  to.parent = from.parent();
  return to;
}

}  // namespace

void OperationLog::Write(state::v1::Core* to) const {
  for (const auto& [id, operation] : operations_) {
    WriteOperation(operation, to->add_operations());
  }
  to->set_last_operation(last_);
}

void OperationLog::Read(const state::v1::Core& from, StateErrors& errors) {
  for (const state::v1::Operation& operation : from.operations()) {
    Operation read = ReadOperation(operation, errors);
    if (read.id == 0 || read.id > from.last_operation()) {
      errors.Add("operation.id");
      continue;
    }
    if (IsFinal(read.state)) ++ended_;
    operations_.emplace(read.id, std::move(read));
  }
  last_ = from.last_operation();
  // A family is complete, or it could not be looked up.
  for (const auto& [id, operation] : operations_) {
    for (OperationId child : operation.children) {
      if (!operations_.contains(child)) errors.Add("operation.children");
    }
  }
}

}  // namespace drover::core
