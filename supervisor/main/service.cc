#include "supervisor/main/service.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <variant>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"
#include "supervisor/main/console.h"
#include "supervisor/os/clock.h"
#include "supervisor/os/listener_set.h"

namespace drover {
namespace {

// Beyond what the configuration says itself.
constexpr absl::Duration kMargin = absl::Seconds(30);
constexpr std::chrono::milliseconds kLastWords{500};

absl::Duration DurationOf(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

ServiceStatus::Patience PatienceOf(const config::v1::Config& config) {
  absl::Duration start;
  for (const config::v1::Pool& pool : config.pools()) {
    start = std::max(start, DurationOf(pool.timeouts().hello()) +
                                DurationOf(pool.timeouts().start()));
  }
  // One after the other, where pools come after others: each that is STARTED
  // is progress.
  return {.start = start + kMargin,
          .stop = DurationOf(config.supervisor().shutdown_timeout()) + kMargin};
}

std::unique_ptr<os::Notifier> MakeNotifier(asio::io_context& io) {
  const char* address = std::getenv("NOTIFY_SOCKET");
  if (address == nullptr || *address == '\0') return nullptr;
  auto notifier = os::Notifier::Connect(io, address);
  if (notifier.ok()) return *std::move(notifier);
  log::Warning(absl::StrCat("NOTIFY_SOCKET=", address, ": ",
                            notifier.status().message(),
                            "; the service manager is told nothing"));
  return nullptr;
}

// Zero: nobody waits for signs of life.
std::chrono::microseconds WatchdogPeriod() {
  const char* period = std::getenv("WATCHDOG_USEC");
  const char* pid = std::getenv("WATCHDOG_PID");
  int64_t microseconds = 0;
  int meant = 0;
  if (period == nullptr || !absl::SimpleAtoi(period, &microseconds) ||
      microseconds < 2 ||
      (pid != nullptr &&
       (!absl::SimpleAtoi(pid, &meant) || meant != ::getpid()))) {
    return {};
  }
  return std::chrono::microseconds(microseconds / 2);
}

std::vector<os::SocketStore::Wanted> SocketsOf(
    const config::v1::Config& config) {
  auto wanted = os::SocketsOf(config);
  if (config.supervisor().admin().enabled()) {
    const config::Address address = {
        .kind = config::Address::Kind::kUnix,
        .path = config.supervisor().admin().socket()};
    wanted.push_back({config::ToText(address), address});
  }
  return wanted;
}

}  // namespace

Service::Service(asio::io_context& io, std::vector<os::HandedFd> inherited,
                 const config::v1::Config& config)
    : notifier_(MakeNotifier(io)),
      sockets_(notifier_, std::move(inherited)),
      status_(PatienceOf(config)),
      later_(io),
      watchdog_(io) {
  sockets_.KeepOnly(SocketsOf(config));
  watchdog_period_ = WatchdogPeriod();
  if (notifier_ != nullptr && watchdog_period_.count() > 0) Watchdog();
  if (notifier_ != nullptr) WatchHolder(io);
}

void Service::Begin(const core::Supervisor& core, core::OperationId start) {
  core_ = &core;
  start_ = start;
  OnOperation(start);
  Say();
}

void Service::Resume(const core::Supervisor& core, core::OperationId start) {
  const auto state = core.StateOf(start);
  if (state && !core::IsFinal(*state)) return Begin(core, start);
  core_ = &core;
  status_.OnReady();
  if (core.shutting_down()) status_.OnStopping();
  Say();
}

void Service::OnNotice(const core::Notice& notice) {
  if (notifier_ == nullptr || core_ == nullptr) return;
  status_.OnChange();
  if (auto* changed = std::get_if<core::OperationChanged>(&notice)) {
    OnOperation(changed->operation);
  }
  if (core_->shutting_down()) status_.OnStopping();
  Say();
}

void Service::OnOperation(core::OperationId operation) {
  if (operation != start_ && !reloads_.contains(operation)) return;
  const auto state = core_->StateOf(operation);
  if (state && !core::IsFinal(*state)) return;
  const bool well = state == core::OperationState::kSucceeded;
  if (operation == start_) {
    start_ = 0;
    // Else the supervisor ends.
    if (well) status_.OnReady();
  }
  if (reloads_.erase(operation) == 0) return;
  const auto view = core_->FindOperation(operation);
  status_.OnReloadEnded(well ? ""
                        : view && view->failure != nullptr
                            ? Explain(*view->failure)
                            : "see drover operations");
}

void Service::OnReload() { status_.OnReload(os::Now()); }

void Service::OnReloadRefused(absl::string_view why) {
  status_.OnReloadEnded(why);
  Say();
}

void Service::OnReloadBegun(core::OperationId operation) {
  reloads_.insert(operation);
  OnOperation(operation);
  Say();
}

void Service::OnEnd() {
  if (notifier_ == nullptr) return;
  status_.OnStopping();
  Say();
  later_.cancel();
  watchdog_.cancel();
  holder_.reset();
  notifier_->DropAll();
  notifier_->Flush(kLastWords);
  notifier_.reset();
}

Service::~Service() {
  core_ = nullptr;
  OnEnd();
}

void Service::Say() {
  if (notifier_ == nullptr) return;
  for (std::string& datagram :
       status_.Take(os::Now(), [this] { return Summary(); })) {
    notifier_->Send(std::move(datagram));
  }
  const absl::Time due = status_.Due();
  if (due == absl::InfiniteFuture() || due == armed_) return;
  armed_ = due;
  later_.expires_at(os::ToSteady(due));
  later_.async_wait([this](const std::error_code& error) {
    if (error) return;
    armed_ = absl::InfinitePast();
    Say();
  });
}

std::string Service::Summary() const {
  std::vector<PoolLine> lines;
  if (core_ != nullptr) {
    for (const core::PoolView& pool : core_->Pools()) {
      const bool fine = pool.state == core::PoolState::kRunning;
      lines.push_back({pool.name, pool.ready, pool.count,
                       fine ? "" : std::string(core::Name(pool.state))});
    }
  }
  return SummaryOf(lines, ServiceStatus::kSummaryMax);
}

void Service::Watchdog() {
  notifier_->Send("WATCHDOG=1");
  watchdog_.expires_after(watchdog_period_);
  watchdog_.async_wait([this](const std::error_code& error) {
    if (!error) Watchdog();
  });
}

void Service::WatchHolder(asio::io_context& io) {
  const char* holder = std::getenv("DROVER_HOLDER");
  int pid = 0;
  if (holder == nullptr || !absl::SimpleAtoi(holder, &pid) ||
      pid != ::getppid()) {
    return;
  }
  UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.ok()) return;
  holder_ = std::make_unique<os::FdWatcher>(io, std::move(process));
  holder_->OnReadable([this] {
    holder_->Close();
    // It is told that nobody listens when the next thing is said: this.
    notifier_->Send(absl::StrCat("STATUS=", Summary()));
  });
  holder_->WaitReadable();
}

}  // namespace drover
