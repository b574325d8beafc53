#include "supervisor/control/notices.h"

#include <string>
#include <utility>

#include "supervisor/control/answers.h"
#include "supervisor/control/views.h"
#include "supervisor/output/sanitize.h"

namespace drover::control {
namespace {

// Kept for each exit in the log; status shows all of them.
constexpr int kLastOutputKept = 5;
constexpr size_t kLastOutputBytes = 200;

void TrimOutput(admin::v1::Exit* exit) {
  auto* lines = exit->mutable_last_output();
  if (lines->size() > kLastOutputKept) {
    lines->DeleteSubrange(0, lines->size() - kLastOutputKept);
  }
  for (std::string& line : *lines) {
    if (line.size() <= kLastOutputBytes) continue;
    line = output::Sanitize(line.substr(0, kLastOutputBytes)) + "...";
  }
}

class Translator {
 public:
  explicit Translator(const Backend& backend)
      : backend_(backend), clock_(ClockOf(backend)) {}

  LoggedEvent Begin(const std::string& pool) const {
    LoggedEvent logged;
    logged.pool = pool;
    int64_t nanos = absl::ToUnixNanos(clock_.to_wall(clock_.now));
    logged.event.mutable_time()->set_seconds(nanos / 1'000'000'000);
    logged.event.mutable_time()->set_nanos(
        static_cast<int32_t>(nanos % 1'000'000'000));
    return logged;
  }

  std::optional<LoggedEvent> operator()(const core::WorkerChanged& n) const {
    LoggedEvent logged = Begin(n.worker.pool);
    auto* changed = logged.event.mutable_worker_changed();
    *changed->mutable_id() = ToMessage(n.worker);
    changed->set_former(WorkerStateOf(n.former));
    changed->set_state(WorkerStateOf(n.state));
    changed->set_pid(n.pid);
    changed->set_text(output::Sanitize(n.text));
    return logged;
  }

  std::optional<LoggedEvent> operator()(const core::WorkerExited& n) const {
    LoggedEvent logged = Begin(n.exit->worker.pool);
    auto* exited = logged.event.mutable_worker_exited();
    *exited->mutable_exit() = ToMessage(*n.exit, clock_);
    TrimOutput(exited->mutable_exit());
    exited->set_next(n.next);
    return logged;
  }

  std::optional<LoggedEvent> operator()(const core::PoolChanged& n) const {
    LoggedEvent logged = Begin(n.pool);
    auto* changed = logged.event.mutable_pool_changed();
    changed->set_pool(n.pool);
    changed->set_former(PoolStateOf(n.former));
    changed->set_state(PoolStateOf(n.state));
    changed->set_count(n.count);
    changed->set_generation(n.generation);
    auto pool = backend_.core().FindPool(n.pool);
    if (n.state == core::PoolState::kFailed && pool && pool->failure) {
      *changed->mutable_failure() = ToMessage(*pool->failure, clock_);
      TrimOutput(changed->mutable_failure()->mutable_exit());
    }
    return logged;
  }

  std::optional<LoggedEvent> operator()(const core::PoolRemoved& n) const {
    LoggedEvent logged = Begin(n.pool);
    logged.event.mutable_pool_removed()->set_pool(n.pool);
    return logged;
  }

  std::optional<LoggedEvent> operator()(const core::OperationChanged&) const {
    return std::nullopt;
  }

  std::optional<LoggedEvent> operator()(
      const core::UserMessageReceived& n) const {
    LoggedEvent logged = Begin(n.worker.pool);
    auto* message = logged.event.mutable_user_message();
    *message->mutable_worker() = ToMessage(n.worker);
    message->set_topic(n.topic);
    message->set_payload(n.payload);
    return logged;
  }

 private:
  const Backend& backend_;
  Clock clock_;
};

}  // namespace

std::optional<LoggedEvent> EventOf(const core::Notice& notice,
                                   const Backend& backend) {
  return std::visit(Translator(backend), notice);
}

std::optional<LoggedEvent> EventOf(core::OperationId operation,
                                   const Backend& backend) {
  auto view = backend.core().FindOperation(operation);
  if (!view) return std::nullopt;
  LoggedEvent logged = Translator(backend).Begin(view->pool);
  auto* changed = logged.event.mutable_operation_changed();
  *changed->mutable_operation() = ToMessage(*view, ClockOf(backend));
  if (changed->operation().has_failure()) {
    TrimOutput(changed->mutable_operation()->mutable_failure()->mutable_exit());
  }
  return logged;
}

}  // namespace drover::control
