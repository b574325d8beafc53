#include "supervisor/os/shell.h"

#include <signal.h>

#include <asio/error.hpp>

#include "drover/admin/v1/admin.pb.h"
#include "supervisor/base/log.h"
#include "supervisor/config/diff.h"
#include "supervisor/os/clock.h"
#include "supervisor/output/sanitize.h"

namespace drover::os {
namespace {

constexpr size_t kLastOutputLines = 20;

// SIGKILL has been sent to what is left of a group; one that hangs in the
// kernel is not waited for.
constexpr absl::Duration kGroupsEnd = absl::Seconds(2);
constexpr absl::Duration kLookAgain = absl::Milliseconds(2);

// A wake-up this late may find answers unread that came in time.
constexpr absl::Duration kLate = absl::Milliseconds(10);

std::unique_ptr<Forwarder> MakeForwarder(asio::io_context& io, int fd) {
  return fd < 0 ? nullptr : std::make_unique<Forwarder>(io, fd);
}

const config::v1::Pool* FindSpec(const config::v1::Config& config,
                                 const std::string& name) {
  for (const config::v1::Pool& pool : config.pools()) {
    if (pool.name() == name) return &pool;
  }
  return nullptr;
}

// What the core is to do about one pool.
void AppendChange(const admin::v1::PoolChange& change,
                  const config::v1::Config& desired,
                  std::vector<core::PoolChange>* changes) {
  using core::PoolChangeKind;
  const config::v1::Pool* found = FindSpec(desired, change.pool());
  config::v1::Pool spec = found != nullptr ? *found : config::v1::Pool();
  spec.set_name(change.pool());
  switch (change.kind()) {
    case admin::v1::CHANGE_KIND_ADD:
      changes->push_back({PoolChangeKind::kAdd, std::move(spec)});
      break;
    case admin::v1::CHANGE_KIND_REMOVE:
      changes->push_back({PoolChangeKind::kRemove, std::move(spec)});
      break;
    case admin::v1::CHANGE_KIND_RELOAD:
      changes->push_back({PoolChangeKind::kReload, std::move(spec)});
      break;
    case admin::v1::CHANGE_KIND_SCALE:
      // With it comes what differs beside the count.
      changes->push_back({PoolChangeKind::kUpdate, spec});
      changes->push_back({PoolChangeKind::kScale, std::move(spec)});
      break;
    case admin::v1::CHANGE_KIND_UPDATE:
      changes->push_back({PoolChangeKind::kUpdate, std::move(spec)});
      break;
    default:
      break;
  }
}

std::vector<core::PoolChange> Changes(const config::v1::Config& running,
                                      const config::v1::Config& desired) {
  std::vector<core::PoolChange> changes;
  const admin::v1::Plan plan = config::Diff(running, desired);
  for (const admin::v1::PoolChange& change : plan.changes()) {
    AppendChange(change, desired, &changes);
  }
  return changes;
}

}  // namespace

Shell::Shell(asio::io_context& io, core::Supervisor& core, output::Store& store,
             ShellOptions options)
    : core_(core),
      store_(store),
      children_(options.adopt_orphans),
      forwarder_(MakeForwarder(io, options.forward_fd)),
      router_(store, forwarder_.get()),
      generations_(
          {.own_environment = OwnEnvironment(), .open_files = RaiseOpenFiles()},
          options.sockets != nullptr ? *options.sockets : no_sockets_),
      timer_(io),
      processes_(io, children_,
                 {.event =
                      [this](const core::Identity& worker, core::Event event) {
                        Feed(worker, std::move(event));
                      },
                  .line =
                      [this](const core::Identity& worker,
                             output::Stream stream, absl::string_view line) {
                        router_.Route(worker, stream, line);
                      }}) {
  ::signal(SIGPIPE, SIG_IGN);
}

absl::Time Shell::Now() const { return os::Now(); }

// Commands -------------------------------------------------------------------

absl::StatusOr<core::OperationId> Shell::Submit(const core::Command& command,
                                                absl::string_view caller) {
  if (auto* apply = std::get_if<core::Apply>(&command)) {
    return SubmitApply(*apply, caller);
  }
  auto operation = core_.Submit(command, caller, Now(), &pending_);
  CarryOut();
  return operation;
}

absl::Status Shell::Cancel(core::OperationId operation,
                           absl::string_view caller) {
  absl::Status status = core_.Cancel(operation, caller, Now(), &pending_);
  CarryOut();
  return status;
}

absl::Status Shell::Decide(absl::string_view pool, uint32_t slot,
                           config::v1::ExitAction action) {
  absl::Status status = core_.Decide(pool, slot, action, Now(), &pending_);
  CarryOut();
  return status;
}

absl::Status Shell::SendUserMessage(absl::string_view pool, uint32_t slot,
                                    absl::string_view topic,
                                    absl::string_view payload) {
  absl::Status status =
      core_.SendUserMessage(pool, slot, topic, payload, &pending_);
  CarryOut();
  return status;
}

// Configuration --------------------------------------------------------------

absl::StatusOr<core::OperationId> Shell::SubmitApply(const core::Apply& apply,
                                                     absl::string_view caller) {
  std::vector<const config::v1::Pool*> specs;
  for (const core::PoolChange& change : apply.changes) {
    if (change.kind != core::PoolChangeKind::kRemove) {
      specs.push_back(&change.spec);
    }
  }
  auto prepared = generations_.Prepare(specs);
  if (!prepared.ok()) return prepared.status();
  auto operation = core_.Submit(apply, caller, Now(), &pending_);
  if (operation.ok()) generations_.Commit(*std::move(prepared));
  CarryOut();
  return operation;
}

absl::StatusOr<core::OperationId> Shell::ApplyConfig(
    const config::v1::Config& desired, absl::string_view caller, bool initial) {
  auto operation = SubmitApply(
      {.changes = Changes(CurrentConfig(), desired), .initial = initial},
      caller);
  if (operation.ok()) supervisor_config_ = desired.supervisor();
  return operation;
}

config::v1::Config Shell::CurrentConfig() const {
  config::v1::Config current;
  *current.mutable_supervisor() = supervisor_config_;
  for (const core::PoolView& view : core_.Pools()) {
    config::v1::Pool* pool = current.add_pools();
    *pool = *view.spec;
    pool->set_count(view.count);
  }
  return current;
}

std::vector<NamedListener> Shell::Listeners(absl::string_view pool) const {
  return generations_.Listeners(pool);
}

// Facts ----------------------------------------------------------------------

void Shell::Feed(const core::Identity& worker, core::Event event) {
  if (auto* exited = std::get_if<core::Exited>(&event)) {
    exited->last_output = store_.LastWords(
        worker.pool, worker.slot, worker.incarnation, kLastOutputLines);
  }
  core_.Handle(event, Now(), &pending_);
  CarryOut();
  if (on_fact_) on_fact_(worker.incarnation);
}

void Shell::OnChildSignal() {
  children_.ReapOrphans();
  for (const Children::Stop& stop : children_.TakeStops()) {
    Process* process = processes_.FindPid(stop.pid);
    if (process == nullptr) continue;
    const core::Identity worker = process->identity();
    if (stop.stopped) {
      Feed(worker, core::ProcessStopped{worker.incarnation});
    } else {
      Feed(worker, core::ProcessContinued{worker.incarnation});
    }
  }
}

void Shell::ArmTimer() {
  absl::Time deadline = core_.NextDeadline();
  // One that is armed for earlier finds nothing to do then and is armed anew:
  // cheaper than to follow every Pong.
  if (deadline >= armed_) return;
  armed_ = deadline;
  timer_.expires_at(ToSteady(deadline));
  timer_.async_wait([this, alive = std::weak_ptr<char>(alive_)](
                        const std::error_code& error) {
    // Aborted: a timer that was armed anew.
    if (alive.expired() || error == asio::error::operation_aborted) return;
    OnTimer();
  });
}

void Shell::OnTimer() {
  // Input before time: a loop that was held up must not take its own lateness
  // for a worker's.
  if (Now() - armed_ > kLate) processes_.ReadNow();
  armed_ = absl::InfiniteFuture();
  if (core_.NextDeadline() <= Now()) {
    core_.Handle(core::TimePassed{}, Now(), &pending_);
  }
  CarryOut();
}

// Effects --------------------------------------------------------------------

void Shell::CarryOut() {
  if (carrying_out_) return;
  carrying_out_ = true;
  while (!pending_.empty()) {
    // Effects of what happens meanwhile come behind these.
    core::Effects effects = std::exchange(pending_, {});
    for (core::Effect& effect : effects) {
      std::visit([this](auto& one) { Carry(one); }, effect);
    }
  }
  ReleaseUnnamed();
  carrying_out_ = false;
  ArmTimer();
}

void Shell::ReleaseUnnamed() {
  for (auto pool = to_release_.begin(); pool != to_release_.end();) {
    std::optional<core::PoolView> view = core_.FindPool(*pool);
    // While a reload goes on two specs are in force.
    if (view && view->next_generation != 0) {
      ++pool;
      continue;
    }
    generations_.KeepOnly(*pool, view ? view->spec.get() : nullptr);
    if (view) {
      // A failed generation's settings end with it.
      router_.Configure(*pool, view->spec->output());
    } else {
      router_.Forget(*pool);
    }
    pool = to_release_.erase(pool);
  }
}

void Shell::Carry(const core::Spawn& effect) {
  std::shared_ptr<const LaunchPlan> plan = generations_.Find(effect.identity);
  if (plan == nullptr) {
    router_.Configure(effect.identity.pool, effect.spec->output());
    auto made = generations_.Make(effect.identity, *effect.spec);
    if (auto* error = std::get_if<SpawnError>(&made)) {
      Feed(effect.identity,
           core::SpawnFailed{.incarnation = effect.identity.incarnation,
                             .step = error->step,
                             .error_number = error->error_number,
                             .object = error->object});
      return;
    }
    plan = std::get<std::shared_ptr<const LaunchPlan>>(std::move(made));
  }
  processes_.Start(effect.identity, std::move(plan));
}

void Shell::Carry(core::Send& effect) {
  Process* process = processes_.Find(effect.incarnation);
  if (process == nullptr) return;
  if (effect.message.has_welcome() &&
      effect.message.welcome().listeners().empty()) {
    process->plan().FillIn(effect.message.mutable_welcome());
  }
  process->Send(effect.message);
}

void Shell::Carry(const core::Signal& effect) {
  Process* process = processes_.Find(effect.incarnation);
  if (process == nullptr) return;
  for (int signal : effect.signals) {
    if (effect.whole_group) {
      process->SignalGroup(signal);
    } else {
      process->SignalAlone(signal);
    }
  }
}

void Shell::Carry(const core::RetireGeneration& effect) {
  generations_.Retire(effect.pool, effect.generation);
  to_release_.insert(effect.pool);
}

void Shell::Carry(const core::RetirePool& effect) {
  generations_.RetirePool(effect.pool);
  to_release_.insert(effect.pool);
  store_.Forget(effect.pool, 0);
}

void Shell::Carry(const core::UpdatePool& effect) {
  router_.Configure(effect.pool, effect.spec->output());
}

void Shell::Carry(const core::Notify& effect) {
  DROVER_LOG(kCore, output::Sanitize(core::Describe(effect.notice)));
  if (on_notice_) on_notice_(effect.notice);
}

void Shell::Carry(const core::Finish& effect) {
  finished_ = true;
  FinishSoon(effect.exit_code, Now() + kGroupsEnd);
}

void Shell::FinishSoon(int exit_code, absl::Time latest) {
  children_.ReapOrphans();
  const bool late = Now() >= latest;
  if (!processes_.GroupsAreGone() && !late) {
    timer_.expires_at(ToSteady(Now() + kLookAgain));
    timer_.async_wait(
        [this, exit_code, latest,
         alive = std::weak_ptr<char>(alive_)](const std::error_code& error) {
          if (!alive.expired() && !error) FinishSoon(exit_code, latest);
        });
    return;
  }
  if (late) log::Warning("killed processes of workers are still there");
  FlushOutput();
  if (on_finish_) on_finish_(exit_code);
}

void Shell::OnNotice(std::function<void(const core::Notice&)> on_notice) {
  on_notice_ = std::move(on_notice);
}

void Shell::OnFinish(std::function<void(int)> on_finish) {
  on_finish_ = std::move(on_finish);
}

void Shell::OnFact(std::function<void(core::Incarnation)> on_fact) {
  on_fact_ = std::move(on_fact);
}

void Shell::FlushOutput() {
  if (forwarder_ != nullptr) forwarder_->Flush();
}

}  // namespace drover::os
