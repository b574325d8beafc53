#include "supervisor/core/supervisor.h"

#include <utility>

#include "supervisor/core/supervisor_impl.h"

namespace drover::core {

Supervisor::Supervisor(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

Supervisor::~Supervisor() = default;

void Supervisor::Handle(const Event& event, absl::Time now, Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  impl_->Handle(event, turn);
}

absl::StatusOr<OperationId> Supervisor::Submit(const Command& command,
                                               absl::string_view caller,
                                               absl::Time now,
                                               Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  return impl_->Submit(command, caller, turn);
}

absl::Status Supervisor::Cancel(OperationId operation, absl::string_view caller,
                                absl::Time now, Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  return impl_->Cancel(operation, caller, turn);
}

absl::Status Supervisor::Decide(absl::string_view pool, uint32_t slot,
                                config::v1::ExitAction action, absl::Time now,
                                Effects* effects) {
  Turn turn{impl_->world(), now, effects};
  return impl_->Decide(pool, slot, action, turn);
}

absl::Status Supervisor::SendUserMessage(absl::string_view pool, uint32_t slot,
                                         absl::string_view topic,
                                         absl::string_view payload,
                                         Effects* effects) {
  return impl_->SendUserMessage(pool, slot, topic, payload, effects);
}

absl::Time Supervisor::NextDeadline() const { return impl_->NextDeadline(); }

bool Supervisor::shutting_down() const { return impl_->shutting_down(); }

std::vector<PoolView> Supervisor::Pools() const { return impl_->Pools(); }

std::vector<PoolHealth> Supervisor::Health() const {
  return std::as_const(*impl_).Health();
}

std::optional<PoolView> Supervisor::FindPool(absl::string_view name) const {
  const Pool* pool = impl_->Find(name);
  if (pool == nullptr) return std::nullopt;
  return pool->View(std::as_const(*impl_).world().workers);
}

std::vector<WorkerView> Supervisor::Workers(absl::string_view pool_name) const {
  const Pool* pool = impl_->Find(pool_name);
  if (pool == nullptr) return {};
  return pool->WorkerViews(std::as_const(*impl_).world().workers);
}

std::optional<WorkerView> Supervisor::FindWorker(absl::string_view pool_name,
                                                 uint32_t slot) const {
  const Pool* pool = impl_->Find(pool_name);
  if (pool == nullptr) return std::nullopt;
  return pool->SlotView(slot, std::as_const(*impl_).world().workers);
}

std::optional<WorkerView> Supervisor::FindIncarnation(
    Incarnation incarnation) const {
  return impl_->FindIncarnation(incarnation);
}

std::vector<OperationView> Supervisor::Operations() const {
  std::vector<OperationView> views;
  const auto& all = std::as_const(*impl_).world().operations.all();
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    views.push_back(impl_->View(it->second));
  }
  return views;
}

std::optional<OperationView> Supervisor::FindOperation(OperationId id) const {
  const Operation* operation =
      std::as_const(*impl_).world().operations.Find(id);
  if (operation == nullptr) return std::nullopt;
  return impl_->View(*operation);
}

std::optional<OperationState> Supervisor::StateOf(OperationId id) const {
  const Operation* operation =
      std::as_const(*impl_).world().operations.Find(id);
  if (operation == nullptr) return std::nullopt;
  return operation->state;
}

}  // namespace drover::core
