#include "supervisor/control/notices.h"

#include <string>
#include <utility>

#include "supervisor/control/answers.h"
#include "supervisor/control/views.h"
#include "supervisor/output/sanitize.h"

namespace drover::control {
namespace {

class Translator {
 public:
  explicit Translator(const Backend& backend)
      : backend_(backend), clock_(ClockOf(backend)) {}

  Happening Begin(const std::string& pool) const {
    Happening happening;
    happening.pool = pool;
    Fill(clock_.to_wall(clock_.now), happening.event.mutable_time());
    return happening;
  }

  std::optional<Happening> operator()(const core::WorkerChanged& n) const {
    Happening happening = Begin(n.worker.pool);
    auto* changed = happening.event.mutable_worker_changed();
    *changed->mutable_id() = ToMessage(n.worker);
    changed->set_former(WorkerStateOf(n.former));
    changed->set_state(WorkerStateOf(n.state));
    changed->set_pid(n.pid);
    changed->set_text(output::Sanitize(n.text));
    return happening;
  }

  std::optional<Happening> operator()(const core::WorkerExited& n) const {
    Happening happening = Begin(n.exit->worker.pool);
    auto* exited = happening.event.mutable_worker_exited();
    *exited->mutable_exit() = ToMessage(*n.exit, clock_);
    Abridge(exited->mutable_exit());
    exited->set_next(n.next);
    return happening;
  }

  std::optional<Happening> operator()(const core::PoolChanged& n) const {
    Happening happening = Begin(n.pool);
    auto* changed = happening.event.mutable_pool_changed();
    changed->set_pool(n.pool);
    changed->set_former(PoolStateOf(n.former));
    changed->set_state(PoolStateOf(n.state));
    changed->set_count(n.count);
    changed->set_generation(n.generation);
    auto pool = backend_.core().FindPool(n.pool);
    if (n.state == core::PoolState::kFailed && pool && pool->failure) {
      *changed->mutable_failure() = ToMessage(*pool->failure, clock_);
      AbridgeFailure(changed);
    }
    return happening;
  }

  std::optional<Happening> operator()(const core::PoolRemoved& n) const {
    Happening happening = Begin(n.pool);
    happening.event.mutable_pool_removed()->set_pool(n.pool);
    return happening;
  }

  std::optional<Happening> operator()(const core::OperationChanged&) const {
    return std::nullopt;
  }

  std::optional<Happening> operator()(
      const core::UserMessageReceived& n) const {
    Happening happening = Begin(n.worker.pool);
    auto* message = happening.event.mutable_user_message();
    *message->mutable_worker() = ToMessage(n.worker);
    message->set_topic(output::Sanitize(n.topic));
    message->set_payload(n.payload);
    return happening;
  }

 private:
  const Backend& backend_;
  Clock clock_;
};

}  // namespace

std::optional<Happening> EventOf(const core::Notice& notice,
                                 const Backend& backend) {
  return std::visit(Translator(backend), notice);
}

std::optional<Happening> EventOf(core::OperationId operation,
                                 const Backend& backend) {
  auto view = backend.core().FindOperation(operation);
  if (!view) return std::nullopt;
  Happening happening = Translator(backend).Begin(view->pool);
  auto* changed = happening.event.mutable_operation_changed();
  *changed->mutable_operation() = ToMessage(*view, ClockOf(backend));
  changed->mutable_operation()->clear_waiting();
  changed->mutable_operation()->clear_waiting_more();
  AbridgeFailure(changed->mutable_operation());
  return happening;
}

Happening EndEvent(const core::WorkerChanged& notice, bool clean,
                   const Backend& backend) {
  Happening happening = *Translator(backend)(notice);
  happening.event.mutable_worker_changed()->set_state(
      clean ? admin::v1::WORKER_STATE_SHUT_DOWN
            : admin::v1::WORKER_STATE_FAILED);
  return happening;
}

Happening UpgradeEvent(const Backend& backend) {
  Happening happening = Translator(backend).Begin("");
  *happening.event.mutable_upgrade_changed()->mutable_upgrade() =
      *backend.last_upgrade();
  return happening;
}

Happening GatewayEvent(std::string text, const Backend& backend) {
  Happening happening = Translator(backend).Begin("");
  happening.event.mutable_gateway_changed()->set_text(std::move(text));
  return happening;
}

Happening LossEvent(const admin::v1::Predecessor& predecessor,
                    const Backend& backend) {
  Happening happening = Translator(backend).Begin("");
  *happening.event.mutable_supervisor_lost()->mutable_predecessor() =
      predecessor;
  return happening;
}

}  // namespace drover::control
