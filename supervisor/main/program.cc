#include "supervisor/main/program.h"

#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "supervisor/base/failpoint.h"
#include "supervisor/base/version.h"
#include "supervisor/config/load.h"
#include "supervisor/config/normalize.h"
#include "supervisor/control/server.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/main/console.h"
#include "supervisor/main/recovery.h"
#include "supervisor/main/roles.h"
#include "supervisor/main/service.h"
#include "supervisor/main/shell_backend.h"
#include "supervisor/main/take_over.h"
#include "supervisor/main/upgrade.h"
#include "supervisor/os/admin_socket.h"
#include "supervisor/os/fd_intake.h"
#include "supervisor/os/fd_ledger.h"
#include "supervisor/os/gateway_process.h"
#include "supervisor/os/handed_fds.h"
#include "supervisor/os/shell.h"
#include "supervisor/os/signals.h"
#include "supervisor/os/take_over_guard.h"
#include "supervisor/output/sanitize.h"
#include "supervisor/output/store.h"

namespace drover {
namespace {

constexpr int kExitNotStarted = 1;
constexpr int kExitConfig = 2;
// For clients that take what they are owed.
constexpr std::chrono::seconds kFarewell{2};

absl::StatusOr<config::v1::Config> Load(const ProgramOptions& options) {
  const config::Host host = config::ThisHost();
  std::optional<config::Format> format;
  if (options.format == "yaml") format = config::Format::kYaml;
  if (options.format == "json") format = config::Format::kJson;
  if (options.format == "textproto") format = config::Format::kTextproto;
  auto config = config::LoadFile(options.file, host, format);
  if (!config.ok()) return config.status();
  if (options.no_admin) {
    config->mutable_supervisor()->mutable_admin()->set_enabled(false);
  }
  if (!options.admin_socket.empty()) {
    config->mutable_supervisor()->mutable_admin()->set_socket(
        options.admin_socket);
  }
  return config::Prepare(*std::move(config), host);
}

core::Options CoreOptions(const config::v1::Config& config,
                          core::Incarnation last) {
  const google::protobuf::Duration& timeout =
      config.supervisor().shutdown_timeout();
  core::Options options;
  options.version = absl::StrCat("drover/", kVersion);
  options.max_parallel_starts = config.supervisor().max_parallel_starts();
  options.shutdown_timeout =
      absl::Seconds(timeout.seconds()) + absl::Nanoseconds(timeout.nanos());
  options.seed = static_cast<uint64_t>(absl::GetCurrentTimeNanos());
  // Identities of a supervisor that was killed are not given again.
  options.last_incarnation = last;
  return options;
}

// The number of a descriptor that the configuration is read from by its path;
// -1 = it is a file.
int DescriptorOf(absl::string_view file) {
  int fd = -1;
  if (!absl::ConsumePrefix(&file, "/proc/self/fd/")) return -1;
  return absl::SimpleAtoi(file, &fd) ? fd : -1;
}

// The program beside this one.
std::string Sibling(absl::string_view name) {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  std::string self(path, length < 0 ? 0 : static_cast<size_t>(length));
  return absl::StrCat(self.substr(0, self.rfind('/') + 1), name);
}

mode_t ModeOf(const std::string& octal) {
  return static_cast<mode_t>(std::strtoul(octal.c_str(), nullptr, 8));
}

class Program {
 public:
  // `from` is another program's state, or empty.
  Program(ProgramOptions options, config::v1::Config config,
          std::unique_ptr<core::Supervisor> core,
          std::vector<os::HandedFd> inherited, Recovery recovery,
          const state::v1::Handover& from)
      : options_(std::move(options)),
        config_(std::move(config)),
        signals_(
            io_,
            {.terminate = [this](int signal, int count) { End(signal, count); },
             .reload = [this] { ReadFileAgain(); },
             .upgrade = [this] { UpgradeBySignal(); },
             .child = [this] { shell_.OnChildSignal(); }},
            static_cast<int>(from.program().terminations())),
        service_(io_, std::move(inherited), config_),
        recovery_(std::move(recovery)),
        core_(std::move(core)),
        shell_(io_, *core_, store_, {.sockets = &service_.sockets()}),
        upgrade_(io_, shell_.children(),
                 {.arguments = options_.arguments,
                  .open_files = shell_.open_files()},
                 {.write = [this](state::v1::Handover* to,
                                  os::FdLedger* fds) { return Write(to, fds); },
                  .changed = [this] { TellUpgrade(); }}),
        console_(*core_),
        backend_(*core_, shell_, store_, FactsFrom(from)) {
    shell_.OnNotice([this](const core::Notice& notice) { Tell(notice); });
    shell_.OnFact([this](core::Incarnation incarnation) {
      recovery_.OnFact(incarnation);
    });
    shell_.OnFinish([this](int exit_code) { Finish(exit_code); });
  }

  int Run() {
    if (config_.supervisor().admin().enabled()) {
      if (absl::Status admin = OpenAdmin(); !admin.ok()) {
        PrintError(admin.message());
        return kExitNotStarted;
      }
    }
    recovery_.Begin(*core_, service_.store());
    auto start = shell_.ApplyConfig(config_, "start", /*initial=*/true);
    if (!start.ok()) {
      PrintError(start.status().message());
      return kExitNotStarted;
    }
    service_.Begin(*core_, *start);
    if (gateway_) gateway_->Start();
    return RunLoop();
  }

  // Takes everything over that another program has written down, and does
  // nothing with it yet.
  absl::Status Read(const state::v1::Handover& from, os::FdIntake* fds) {
    shell_.Read(from.shell(), fds);
    if (from.program().has_admin_socket()) {
      admin_socket_.emplace(os::UnixListener::Read(
          from.program().admin_socket(), service_.sockets(), fds));
      const config::v1::Admin& admin = config_.supervisor().admin();
      auto roles = RolesOf(admin);
      if (!roles.ok()) return roles.status();
      MakeServer(*std::move(roles), admin);
      server_->Read(from.control());
      MakeGateway(admin, from.program().gateway_restarts());
    }
    console_.Resume();
    return fds->status();
  }

  // Goes on from what was read; `failed` as InPlaceUpgrade::Conclude has it.
  int GoOn(const state::v1::Program& from, core::OperationId start,
           const std::string& failed) {
    service_.Resume(*core_, start);
    recovery_.Begin(*core_, service_.store());
    upgrade_.Conclude(from, failed);
    shell_.Resume();
    if (gateway_) gateway_->Start();
    return RunLoop();
  }

 private:
  int RunLoop() {
    io_.run();
    service_.OnEnd();
    shell_.FlushOutput();
    return exit_code_;
  }

  ShellBackend::Facts FactsFrom(const state::v1::Handover& from) {
    ShellBackend::Facts facts;
    facts.version = kVersion;
    facts.config_file = options_.source.empty() ? options_.file : "";
    facts.gateway_restarts = [this] {
      return gateway_ ? gateway_->restarts() : 0;
    };
    facts.session = from.control().session();
    facts.start_time = absl::FromUnixNanos(from.program().start_time());
    facts.upgrade = &upgrade_;
    facts.predecessor = recovery_.predecessor();
    if (from.program().has_predecessor()) {
      predecessor_ = from.program().predecessor();
      facts.predecessor = &predecessor_;
    }
    return facts;
  }

  absl::Status Write(state::v1::Handover* to, os::FdLedger* fds) {
    core_->Write(to->mutable_core());
    absl::Status shell = shell_.Write(to->mutable_shell(), fds);
    if (!shell.ok()) return shell;
    if (server_) {
      server_->Flush();
      server_->Write(to->mutable_control());
    } else {
      to->mutable_control()->set_first_event(1);
    }
    to->mutable_control()->set_session(backend_.session());
    WriteProgram(to->mutable_program(), fds);
    return absl::OkStatus();
  }

  void WriteProgram(state::v1::Program* to, os::FdLedger* fds) {
    *to->mutable_supervisor() = config_.supervisor();
    if (admin_socket_) admin_socket_->Write(to->mutable_admin_socket(), fds);
    to->set_gateway_restarts(backend_.gateway_restarts());
    to->set_start_time(absl::ToUnixNanos(backend_.start_time()));
    to->set_terminations(static_cast<uint32_t>(signals_.terminations()));
    upgrade_.Write(to);
    if (const auto* predecessor = backend_.predecessor()) {
      *to->mutable_predecessor() = *predecessor;
    }
    if (int fd = DescriptorOf(options_.file); fd >= 0) {
      state::v1::NamedDescriptor* config = to->add_others();
      config->set_name("configuration");
      config->set_number(fds->Carry(fd));
    }
  }

  void UpgradeBySignal() {
    absl::Status begun = upgrade_.Begin("", "SIGUSR2");
    if (!begun.ok()) PrintError(absl::StrCat("upgrade: ", begun.message()));
  }

  void TellUpgrade() {
    const admin::v1::Upgrade& upgrade = *upgrade_.last();
    const std::string what =
        absl::StrCat("upgrade ", upgrade.number(), " to ", upgrade.binary());
    if (upgrade.state() == admin::v1::UPGRADE_STATE_FAILED) {
      PrintError(absl::StrCat(what, ": ", output::Sanitize(upgrade.message()),
                              "; the former program goes on"));
    } else if (upgrade.state() == admin::v1::UPGRADE_STATE_CHECKING) {
      PrintNews(absl::StrCat(what, " (", upgrade.caller(), ")"));
    } else if (upgrade.state() == admin::v1::UPGRADE_STATE_SUCCEEDED) {
      PrintNews(absl::StrCat(what, " succeeded: ", upgrade.former_version(),
                             " -> ", upgrade.version()));
    }
    if (!server_) return;
    server_->OnUpgrade();
    FlushSoon();
  }

  // The socket is there, or refused, before any worker is started.
  absl::Status OpenAdmin() {
    const config::v1::Admin& admin = config_.supervisor().admin();
    auto roles = RolesOf(admin);
    if (!roles.ok()) return roles.status();
    auto socket = os::OpenAdminSocket(
        admin.socket(), ModeOf(admin.socket_mode()), service_.sockets());
    if (!socket.ok()) return socket.status();
    admin_socket_.emplace(*std::move(socket));
    MakeServer(*std::move(roles), admin);
    if (const auto* predecessor = recovery_.predecessor()) {
      server_->OnPredecessor(*predecessor);
    }
    MakeGateway(admin, 0);
    return absl::OkStatus();
  }

  void MakeServer(std::vector<control::v1::Role> roles,
                  const config::v1::Admin& admin) {
    control::Server::Options options;
    options.roles = std::move(roles);
    options.max_connections = admin.max_connections();
    options.listen_fd = os::GatewayProcess::kListenFd;
    options.has_room = [this] { return gateway_->HasRoom(); };
    options.violated = [this](absl::string_view what) {
      gateway_->Reject(what);
    };
    server_.emplace(
        &backend_, std::move(options),
        [this](const control::v1::ToGateway& frame) { gateway_->Send(frame); });
  }

  void MakeGateway(const config::v1::Admin& admin, uint32_t restarts) {
    os::GatewayProcess::Options options;
    options.path = GatewayPath(options_);
    options.restarts = restarts;
    options.user = admin.gateway_user();
    options.listen_fd = admin_socket_->fd();
    options.open_files = shell_.open_files();
    os::GatewayProcess::Callbacks callbacks;
    callbacks.started = [this] {
      server_->OnGatewayStarted();
      FlushSoon();
    };
    callbacks.message = [this](control::v1::ToSupervisor frame) {
      server_->OnFrame(frame);
      FlushSoon();
    };
    callbacks.lost = [this] { server_->OnGatewayLost(); };
    callbacks.drained = [this] { FlushSoon(); };
    gateway_.emplace(io_, shell_.children(), std::move(options),
                     std::move(callbacks));
    store_.Subscribe([this](const output::Line&) { FlushSoon(); });
  }

  void Tell(const core::Notice& notice) {
    console_.OnNotice(notice);
    service_.OnNotice(notice);
    recovery_.OnNotice(notice);
    if (!server_) return;
    server_->OnNotice(notice);
    FlushSoon();
  }

  // Once after everything that is ready now, however much happens in it.
  void FlushSoon() {
    if (std::exchange(flush_posted_, true)) return;
    asio::post(io_, [this] {
      flush_posted_ = false;
      server_->Flush();
    });
  }

  // The first signal drains, the second hastens, the third kills.
  void End(int, int count) {
    constexpr core::Urgency kSteps[] = {
        core::Urgency::kGraceful, core::Urgency::kFast, core::Urgency::kHard};
    auto operation =
        shell_.Submit(core::Shutdown{kSteps[std::min(count, 3) - 1]}, "signal");
    if (!operation.ok()) PrintError(operation.status().message());
  }

  void ReadFileAgain() {
    service_.OnReload();
    auto config = Load(options_);
    if (!config.ok()) return RefuseReload(config.status());
    auto operation = shell_.ApplyConfig(*config, "SIGHUP");
    if (!operation.ok()) return RefuseReload(operation.status());
    service_.OnReloadBegun(*operation);
  }

  void RefuseReload(const absl::Status& why) {
    PrintError(
        absl::StrCat(why.message(), "; the running configuration stays"));
    service_.OnReloadRefused(why.message());
  }

  void Finish(int exit_code) {
    exit_code_ = exit_code;
    if (!gateway_) {
      io_.stop();
      return;
    }
    // Watchers hear the rest and the end before the gateway goes; one that does
    // not listen is not waited for.
    farewell_.expires_after(kFarewell);
    farewell_.async_wait([this](const std::error_code&) {
      gateway_->Stop([this] { io_.stop(); });
    });
    server_->Finish([this] { farewell_.cancel(); });
  }

  ProgramOptions options_;
  config::v1::Config config_;
  asio::io_context io_;
  os::Signals signals_;
  Service service_;
  Recovery recovery_;
  output::Store store_;
  std::unique_ptr<core::Supervisor> core_;
  os::Shell shell_;
  InPlaceUpgrade upgrade_;
  // Of another program of this process.
  admin::v1::Predecessor predecessor_;
  Console console_;
  ShellBackend backend_;
  std::optional<os::UnixListener> admin_socket_;
  std::optional<control::Server> server_;
  std::optional<os::GatewayProcess> gateway_;
  asio::steady_timer farewell_{io_};
  bool flush_posted_ = false;
  int exit_code_ = 0;
};

}  // namespace

std::string GatewayPath(const ProgramOptions& options) {
  return options.gateway.empty() ? Sibling("drover-gateway") : options.gateway;
}

int TakeOverProgram(const ProgramOptions& options,
                    const TakeOverArguments& take_over) {
  auto handover = ReadHandedOver(take_over);
  if (!handover.ok()) os::TakeOverGuard::Fail(handover.status().message());
  os::TakeOverGuard::At("taking over");
  config::v1::Config config;
  *config.mutable_supervisor() = handover->program().supervisor();
  auto core = core::Supervisor::Read(handover->core(), CoreOptions(config, 0));
  if (!core.ok()) os::TakeOverGuard::Fail(core.status().message());
  DROVER_FAILPOINT("new-core-read");
  // Destroyed, it would end what it has taken over: Fail() does not return.
  os::FdIntake fds(*handover);
  Program program(options, std::move(config), *std::move(core), {},
                  Recovery(handover->core().last_incarnation()), *handover);
  absl::Status read = program.Read(*handover, &fds);
  if (!read.ok()) os::TakeOverGuard::Fail(read.message());
  DROVER_FAILPOINT("new-taken-over");
  EndGuard(take_over);
  fds.Commit();
  const state::v1::Program from = std::move(*handover->mutable_program());
  const core::OperationId start = handover->core().initial();
  handover = state::v1::Handover();
  return program.GoOn(from, start, take_over.failed);
}

int RunProgram(const ProgramOptions& options) {
  // Before anything is opened in their place.
  std::vector<os::HandedFd> inherited = os::TakeHandedFds();
  auto config = Load(options);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kExitConfig;
  }
  Recovery recovery(&inherited);
  recovery.Adjust(&*config);
  auto core = std::make_unique<core::Supervisor>(
      CoreOptions(*config, recovery.last_incarnation()));
  return Program(options, *std::move(config), std::move(core),
                 std::move(inherited), std::move(recovery), {})
      .Run();
}

}  // namespace drover
