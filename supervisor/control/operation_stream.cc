// Follows one operation to its end.
#include <string>
#include <utility>

#include "supervisor/control/answers.h"
#include "supervisor/control/refusals.h"
#include "supervisor/control/streams.h"
#include "supervisor/control/views.h"

namespace drover::control {
namespace {

// All but what changes with time alone.
std::string EssenceOf(admin::v1::Operation message) {
  for (admin::v1::Waiting& waiting : *message.mutable_waiting()) {
    waiting.clear_since();
    waiting.clear_deadline_in();
  }
  return message.SerializeAsString();
}

class OperationStream : public Stream {
 public:
  OperationStream(const Backend& backend, core::OperationId operation)
      : backend_(backend), operation_(operation) {}

  // What it waits for changes with the workers of its pool; of all pools for
  // an apply or a shutdown.
  bool Concerns(const Turn& turn) const override {
    if (turn.operations.count(operation_) > 0) return true;
    return pool_.empty() ? !turn.pools.empty() : turn.pools.count(pool_) > 0;
  }

  Said Next() override {
    if (ended_) return absl::OkStatus();
    auto view = backend_.core().FindOperation(operation_);
    if (!view) return UnknownOperation(ToText(operation_));
    pool_ = view->pool;
    ended_ = core::IsFinal(view->state);
    admin::v1::Operation message = ToMessage(*view, ClockOf(backend_));
    std::string essence = EssenceOf(message);
    if (essence == told_) return Quiet{};
    told_ = std::move(essence);
    return message.SerializeAsString();
  }

 private:
  const Backend& backend_;
  core::OperationId operation_;
  std::string pool_;
  std::string told_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Stream> MakeOperationStream(const Backend& backend,
                                            core::OperationId operation) {
  return std::make_unique<OperationStream>(backend, operation);
}

}  // namespace drover::control
