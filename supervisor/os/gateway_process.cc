#include "supervisor/os/gateway_process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <cerrno>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "supervisor/base/log.h"
#include "supervisor/os/clock.h"
#include "supervisor/os/credentials.h"
#include "supervisor/os/environment.h"
#include "supervisor/os/fd_pair.h"
#include "supervisor/os/spawn.h"

namespace drover::os {
namespace {

constexpr FrameChannel::Limits kLimits = {
    .frame_max = wire::kControlFrameMax,
    .queue_frames = 4096,
    .queue_bytes = 16 << 20,
};

// Of the queue, what is no reason to wait. Well below the limits, for what is
// said regardless.
constexpr size_t kRoomFrames = 1024;
constexpr size_t kRoomBytes = 4 << 20;

// What the gateway needs of the supervisor's environment: where libraries,
// locale and time zone are, and what to log.
bool IsForGateway(absl::string_view name) {
  for (absl::string_view wanted :
       {"PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH",
        "DROVER_LOG", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (name == wanted) return true;
  }
  return false;
}

std::vector<std::string> GatewayEnvironment() {
  std::vector<std::string> environment = {
      absl::StrCat("DROVER_FD=", GatewayProcess::kChannelFd)};
  for (const auto& [name, value] : OwnEnvironment()) {
    if (IsForGateway(name)) {
      environment.push_back(absl::StrCat(name, "=", value));
    }
  }
  return environment;
}

std::vector<const char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<const char*> pointers;
  for (const std::string& one : strings) pointers.push_back(one.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

GatewayProcess::GatewayProcess(asio::io_context& io, Children& children,
                               Options options, Callbacks callbacks)
    : io_(io),
      children_(children),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      pause_(options_.backoff_first),
      restarts_(options_.restarts),
      timer_(io) {}

void GatewayProcess::Start() {
  std::string failure = TryStart();
  if (failure.empty()) {
    DROVER_LOG(kOs, "gateway is pid ", pid());
    callbacks_.started();
    return;
  }
  log::Warning(absl::StrCat("admin gateway ", options_.path, ": ", failure,
                            "; trying again in ",
                            absl::FormatDuration(pause_)));
  StartLater();
}

std::string GatewayProcess::TryStart() {
  auto credentials = ResolveCredentials(options_.user, "");
  if (!credentials.ok()) return std::string(credentials.status().message());
  std::optional<FdPair> channel = MakeSocketPair();
  if (!channel) return absl::StrCat("socketpair: ", ::strerror(errno));
  // The gateway's user need not be able to reach the path.
  UniqueFd program(::open(options_.path.c_str(), O_PATH | O_CLOEXEC));
  if (program.get() < 0) return absl::StrCat("open: ", ::strerror(errno));
  UniqueFd null_device(::open("/dev/null", O_RDWR | O_CLOEXEC));
  std::vector<std::string> arguments = {options_.path};
  arguments.insert(arguments.end(), options_.arguments.begin(),
                   options_.arguments.end());
  std::vector<std::string> environment = GatewayEnvironment();
  std::vector<InheritedFd> fds = {
      {null_device.get(), STDIN_FILENO}, {null_device.get(), STDOUT_FILENO},
      {STDERR_FILENO, STDERR_FILENO},    {channel->theirs.get(), kChannelFd},
      {options_.listen_fd, kListenFd},
  };
  auto spawned = Spawn({.path = options_.path.c_str(),
                        .program = program.get(),
                        .argv = Pointers(arguments).data(),
                        .envp = Pointers(environment).data(),
                        .fds = fds,
                        .directory = -1,
                        .credentials = *credentials ? &**credentials : nullptr,
                        .umask = 077,
                        .limits = ChildLimits({}, options_.open_files)});
  if (auto* error = std::get_if<SpawnError>(&spawned)) {
    const bool user =
        absl::StartsWith(error->step, "setres") || error->step == "setgroups";
    return absl::StrCat(
        error->step, ": ", ::strerror(error->error_number),
        user ? "; where users cannot be changed set "
               "supervisor.admin.gateway_user to the supervisor's own"
             : "");
  }
  run_ = std::make_unique<Run>();
  run_->began = Now();
  run_->channel = std::make_unique<FrameChannel>(
      io_, std::move(channel->ours), kLimits,
      FrameChannel::Callbacks{
          .frame = [this](absl::string_view body) { OnFrame(body); },
          .rejected =
              [this](const absl::Status& why) { Abandon(why.message()); },
          // What there is to say about it is said when it has ended.
          .closed = [this] { run_->child->SignalGroup(SIGKILL); },
          .overflowed = [this] { Abandon("it does not read"); },
          .drained =
              [this] {
                if (stopping_) run_->child->SignalGroup(SIGTERM);
                if (callbacks_.drained) callbacks_.drained();
              }});
  run_->child = std::make_unique<Child>(
      io_, children_, std::get<SpawnedChild>(std::move(spawned)),
      [this] { OnExit(); });
  return "";
}

void GatewayProcess::Send(const control::v1::ToGateway& message) {
  if (run_ == nullptr) return;
  std::string frame;
  absl::Status status = wire::AppendFrame(message.SerializeAsString(),
                                          wire::kControlFrameMax, &frame);
  if (status.ok()) {
    run_->channel->Send(std::move(frame));
  } else {
    log::Warning(
        absl::StrCat("answer to the gateway dropped: ", status.message()));
  }
}

void GatewayProcess::OnFrame(absl::string_view body) {
  control::v1::ToSupervisor message;
  if (!message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    Reject("it sent what is no message");
    return;
  }
  callbacks_.message(std::move(message));
}

bool GatewayProcess::HasRoom() const {
  return run_ == nullptr || (run_->channel->queued_frames() < kRoomFrames &&
                             run_->channel->queued_bytes() < kRoomBytes);
}

void GatewayProcess::Reject(absl::string_view why) {
  if (run_ == nullptr) return;
  run_->channel->StopReading();
  Abandon(why);
}

void GatewayProcess::Abandon(absl::string_view why) {
  log::Warning(absl::StrCat("admin gateway killed: ", why));
  run_->child->SignalGroup(SIGKILL);
}

void GatewayProcess::OnExit() {
  std::optional<ExitStatus> status = run_->child->Peek();
  if (!status) return;
  run_->channel->ReadDry();
  run_->child->SignalGroup(SIGKILL);
  run_->child->Reap();
  if (!stopping_) {
    log::Warning(absl::StrCat("admin gateway ended (signal ", status->signal,
                              ", code ", status->code,
                              "); workers are not affected"));
  }
  if (Now() - run_->began >= options_.healthy_after) {
    pause_ = options_.backoff_first;
  }
  // It may be the channel that is calling.
  asio::post(io_, [gone = std::move(run_)] {});
  callbacks_.lost();
  if (!stopping_) return StartLater();
  timer_.cancel();
  if (done_) std::exchange(done_, nullptr)();
}

void GatewayProcess::StartLater() {
  After(pause_, [this] {
    if (stopping_) return;
    ++restarts_;
    Start();
  });
  pause_ = std::min(2 * pause_, options_.backoff_max);
}

void GatewayProcess::Stop(std::function<void()> done) {
  stopping_ = true;
  timer_.cancel();
  if (run_ == nullptr) {
    asio::post(io_, std::move(done));
    return;
  }
  done_ = std::move(done);
  // What still waits for it is written first.
  if (run_->channel->queued_frames() == 0) run_->child->SignalGroup(SIGTERM);
  After(options_.kill_after, [this] {
    if (run_ != nullptr) run_->child->SignalGroup(SIGKILL);
  });
}

void GatewayProcess::After(absl::Duration pause, std::function<void()> action) {
  timer_.expires_after(absl::ToChronoNanoseconds(pause));
  timer_.async_wait(
      [action = std::move(action),
       alive = std::weak_ptr<char>(alive_)](const std::error_code& error) {
        if (!error && !alive.expired()) action();
      });
}

}  // namespace drover::os
