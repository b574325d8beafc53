#include "supervisor/embed/supervisor.h"

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <future>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "supervisor/base/version.h"
#include "supervisor/config/normalize.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/embed/convert.h"
#include "supervisor/os/shell.h"
#include "supervisor/output/store.h"

namespace drover {
namespace {

core::Options CoreOptions(const EmbeddedSupervisor::Options& options) {
  core::Options core;
  core.version = absl::StrCat("drover-embedded/", kVersion);
  core.shutdown_timeout = options.shutdown_timeout;
  core.seed = static_cast<uint64_t>(absl::GetCurrentTimeNanos());
  return core;
}

// Where the program decides, the policy leaves the slot to it.
void LeaveToProgram(config::v1::Pool* spec) {
  config::v1::Restart* restart = spec->mutable_restart();
  restart->set_on_external_signal(config::v1::EXIT_ACTION_LEAVE);
  restart->set_on_abnormal_exit(config::v1::EXIT_ACTION_LEAVE);
  restart->set_on_normal_exit(config::v1::EXIT_ACTION_LEAVE);
  restart->set_on_start_failure(config::v1::EXIT_ACTION_LEAVE);
  restart->set_on_unresponsive(config::v1::EXIT_ACTION_LEAVE);
}

class Embedded : public EmbeddedSupervisor {
 public:
  explicit Embedded(Options options)
      : options_(std::move(options)),
        work_(asio::make_work_guard(io_)),
        core_(CoreOptions(options_)) {
    std::promise<void> made;
    thread_ = std::thread([this, &made] { Run(made); });
    made.get_future().wait();
  }

  ~Embedded() override {
    asio::post(io_, [this] { io_.stop(); });
    thread_.join();
  }

  absl::Status Start(const config::v1::Pool& spec) override;
  std::vector<WorkerStatus> Statuses(absl::string_view pool) override;

  absl::Status Scale(absl::string_view pool, uint32_t count) override {
    return Submit(core::Scale{std::string(pool), count});
  }
  absl::Status Reload(absl::string_view pool) override {
    return Submit(core::Reload{std::string(pool)});
  }
  absl::Status RestartWorker(absl::string_view pool, uint32_t slot) override {
    return Submit(core::RestartWorker{std::string(pool), slot});
  }
  absl::Status Stop(absl::string_view pool) override {
    return Submit(core::StopPool{std::string(pool)});
  }
  absl::Status Resume(absl::string_view pool) override {
    return Submit(core::StartPool{std::string(pool)});
  }
  absl::Status Remove(absl::string_view pool) override {
    config::v1::Pool named;
    named.set_name(std::string(pool));
    core::Apply apply;
    apply.changes.push_back({core::PoolChangeKind::kRemove, named});
    return Submit(apply);
  }
  absl::Status Shutdown(bool hard) override {
    return Submit(
        core::Shutdown{hard ? core::Urgency::kHard : core::Urgency::kGraceful});
  }
  absl::Status SendMessage(absl::string_view pool, uint32_t slot,
                           absl::string_view topic,
                           absl::string_view payload) override;

 private:
  using Operation = absl::StatusOr<core::OperationId>;
  using Ended = std::promise<absl::Status>;

  // The thread's whole life. The shell belongs to it: made and ended here.
  void Run(std::promise<void>& made);

  bool on_own_thread() const {
    return std::this_thread::get_id() == thread_.get_id();
  }
  absl::Status Submit(core::Command command);
  // Runs `begin` on the thread and waits for the end of its operation.
  absl::Status Await(std::function<Operation()> begin);
  void Watch(core::OperationId operation, std::shared_ptr<Ended> ended);

  void OnNotice(const core::Notice& notice);
  void OnExit(const core::WorkerExited& exited);
  void OnOperation(core::OperationId operation);

  Options options_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  // Touched by the thread alone.
  output::Store store_;
  core::Supervisor core_;
  std::optional<os::Shell> shell_;
  std::multimap<core::OperationId, std::shared_ptr<Ended>> watched_;
  std::thread thread_;
};

void Embedded::Run(std::promise<void>& made) {
  shell_.emplace(
      io_, core_, store_,
      os::ShellOptions{.forward_fd = options_.forward_output ? 1 : -1,
                       .adopt_orphans = false});
  shell_->OnNotice([this](const core::Notice& notice) { OnNotice(notice); });
  shell_->OnFinish([this](int exit_code) {
    shell_->FlushOutput();
    if (options_.on_finished) options_.on_finished(exit_code);
  });
  made.set_value();
  io_.run();
  for (auto& [operation, ended] : watched_) {
    ended->set_value(absl::CancelledError("the supervisor was destroyed"));
  }
  shell_.reset();
}

absl::Status Embedded::Submit(core::Command command) {
  return Await([this, command = std::move(command)] {
    return shell_->Submit(command, "program");
  });
}

absl::Status Embedded::Await(std::function<Operation()> begin) {
  if (on_own_thread()) {
    return absl::FailedPreconditionError(
        "called from within a callback, where nothing may be waited for");
  }
  auto ended = std::make_shared<Ended>();
  std::future<absl::Status> status = ended->get_future();
  asio::post(io_, [this, begin = std::move(begin), ended] {
    Operation operation = begin();
    if (operation.ok()) {
      Watch(*operation, ended);
    } else {
      ended->set_value(operation.status());
    }
  });
  if (status.wait_for(absl::ToChronoMilliseconds(options_.operation_timeout)) !=
      std::future_status::ready) {
    return absl::DeadlineExceededError(absl::StrCat(
        "not done within ", absl::FormatDuration(options_.operation_timeout),
        "; it goes on"));
  }
  return status.get();
}

void Embedded::Watch(core::OperationId operation,
                     std::shared_ptr<Ended> ended) {
  watched_.emplace(operation, std::move(ended));
  OnOperation(operation);  // it may have ended already
}

void Embedded::OnOperation(core::OperationId operation) {
  auto [begin, end] = watched_.equal_range(operation);
  if (begin == end) return;
  auto state = core_.StateOf(operation);
  if (!state || !core::IsFinal(*state)) return;
  auto view = core_.FindOperation(operation);
  for (auto it = begin; it != end; ++it) it->second->set_value(StatusOf(*view));
  watched_.erase(begin, end);
}

void Embedded::OnNotice(const core::Notice& notice) {
  if (const auto* changed = std::get_if<core::OperationChanged>(&notice)) {
    OnOperation(changed->operation);
  } else if (const auto* exited = std::get_if<core::WorkerExited>(&notice)) {
    if (exited->left && options_.on_exit) OnExit(*exited);
  } else if (const auto* message =
                 std::get_if<core::UserMessageReceived>(&notice)) {
    if (options_.on_message) {
      options_.on_message(message->worker.pool, message->worker.slot,
                          message->topic, message->payload);
    }
  }
}

void Embedded::OnExit(const core::WorkerExited& exited) {
  const config::v1::ExitAction action =
      ActionOf(options_.on_exit(ExitOf(*exited.exit)));
  const core::Identity worker = exited.exit->worker;
  // After the notice: the slot is left only once it has been told.
  asio::post(io_, [this, worker, action] {
    // Someone may have restarted it meanwhile: then there is nothing to decide.
    shell_->Decide(worker.pool, worker.slot, action).IgnoreError();
  });
}

absl::Status Embedded::Start(const config::v1::Pool& spec) {
  config::v1::Config one;
  *one.add_pools() = spec;
  one.mutable_supervisor()->mutable_admin()->set_enabled(false);
  auto prepared = config::Prepare(std::move(one), config::ThisHost());
  if (!prepared.ok()) return prepared.status();
  config::v1::Pool pool = prepared->pools(0);
  if (options_.on_exit) LeaveToProgram(&pool);
  absl::Status started = Await([this, pool]() -> Operation {
    if (core_.FindPool(pool.name())) {
      return absl::AlreadyExistsError(
          absl::StrCat("pool ", pool.name(), " is there already"));
    }
    config::v1::Config desired = shell_->CurrentConfig();
    *desired.add_pools() = pool;
    return shell_->ApplyConfig(desired, "program");
  });
  if (started.code() == absl::StatusCode::kAborted) {
    // What did not start as a whole leaves nothing behind.
    Remove(pool.name()).IgnoreError();
  }
  return started;
}

std::vector<WorkerStatus> Embedded::Statuses(absl::string_view pool) {
  if (on_own_thread()) return StatusesOf(core_.Workers(pool));
  std::promise<std::vector<WorkerStatus>> statuses;
  asio::post(io_, [&] { statuses.set_value(StatusesOf(core_.Workers(pool))); });
  return statuses.get_future().get();
}

absl::Status Embedded::SendMessage(absl::string_view pool, uint32_t slot,
                                   absl::string_view topic,
                                   absl::string_view payload) {
  if (on_own_thread()) {
    return shell_->SendUserMessage(pool, slot, topic, payload);
  }
  std::promise<absl::Status> sent;
  asio::post(io_, [&] {
    sent.set_value(shell_->SendUserMessage(pool, slot, topic, payload));
  });
  return sent.get_future().get();
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedSupervisor>> EmbeddedSupervisor::Create(
    Options options) {
  return std::make_unique<Embedded>(std::move(options));
}

}  // namespace drover
