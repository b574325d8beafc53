#include "supervisor/admin/gateway.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "drover/control/v1/control.pb.h"
#include "supervisor/admin/door.h"
#include "supervisor/admin/link.h"
#include "supervisor/admin/loop.h"
#include "supervisor/admin/peer.h"
#include "supervisor/admin/process.h"
#include "supervisor/admin/server.h"
#include "supervisor/wire/frame.h"

namespace drover::admin {
namespace {

using control::v1::Setup;
using control::v1::ToGateway;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kSetupTimeout{10};

absl::Status WaitReadable(int fd, Clock::time_point deadline) {
  while (true) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      return absl::DeadlineExceededError("no Setup from the supervisor");
    }
    pollfd poll = {fd, POLLIN, 0};
    int ready = ::poll(&poll, 1, static_cast<int>(left.count()));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return absl::ErrnoToStatus(errno, "poll");
  }
}

absl::StatusOr<Setup> ParseSetup(absl::string_view frame) {
  ToGateway message;
  if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size())) ||
      !message.has_setup()) {
    return absl::InvalidArgumentError("the first frame is not a Setup");
  }
  return std::move(*message.mutable_setup());
}

// The first frame; what follows it stays in `reader`.
absl::StatusOr<Setup> ReadSetup(int channel, wire::FrameReader* reader) {
  Clock::time_point deadline = Clock::now() + kSetupTimeout;
  std::array<char, 4096> buffer;
  while (true) {
    auto frame = reader->Next();
    if (!frame.ok()) return frame.status();
    if (frame->has_value()) return ParseSetup(**frame);
    absl::Status readable = WaitReadable(channel, deadline);
    if (!readable.ok()) return readable;
    ssize_t size = ::recv(channel, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size == 0) return absl::UnavailableError("closed before Setup");
    if (size > 0) reader->Append(absl::string_view(buffer.data(), size));
  }
}

// SIGTERM as a descriptor. Blocked before gRPC starts its threads, which
// inherit the mask.
absl::StatusOr<UniqueFd> CatchTerminate() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) < 0) {
    return absl::ErrnoToStatus(errno, "sigprocmask");
  }
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.ok()) return absl::ErrnoToStatus(errno, "signalfd");
  return fd;
}

class Gateway {
 public:
  explicit Gateway(const Setup& setup) : roles_(setup) {}

  absl::Status Open(UniqueFd channel, wire::FrameReader reader,
                    const Setup& setup, size_t max_connections) {
    absl::Status status = OpenLoop();
    if (status.ok()) status = OpenLink(std::move(channel), std::move(reader));
    if (status.ok()) status = OpenServer(setup.health());
    if (status.ok()) status = OpenDoor(setup, max_connections);
    if (status.ok()) link_->Begin();
    return status;
  }

  // Until the end; then tells the clients of it.
  absl::Status Run() {
    absl::Status status = loop_->Run();
    door_.reset();
    // SIGTERM overtakes what the supervisor said just before it: watchers still
    // hear of the end.
    if (status.ok()) link_->ReadRest();
    link_->Close();
    server_->Shutdown();
    return status;
  }

 private:
  absl::Status OpenLoop() {
    absl::StatusOr<UniqueFd> terminate = CatchTerminate();
    if (!terminate.ok()) return terminate.status();
    terminate_ = *std::move(terminate);
    auto loop = Loop::Create();
    if (!loop.ok()) return loop.status();
    loop_ = *std::move(loop);
    return loop_->Add(terminate_.get(), EPOLLIN,
                      [this](uint32_t) { loop_->Stop(absl::OkStatus()); });
  }

  absl::Status OpenLink(UniqueFd channel, wire::FrameReader reader) {
    auto link = Link::Create(std::move(channel), std::move(reader), loop_.get(),
                             [this](const control::v1::Health& health) {
                               server_->SetHealth(health);
                             });
    if (!link.ok()) return link.status();
    link_ = *std::move(link);
    return absl::OkStatus();
  }

  absl::Status OpenServer(const control::v1::Health& health) {
    auto server = Server::Start(&roles_, link_.get());
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    server_->SetHealth(health);
    return absl::OkStatus();
  }

  absl::Status OpenDoor(const Setup& setup, size_t max_connections) {
    auto door = Door::Create(
        UniqueFd(static_cast<int>(setup.listen_fd())), &roles_, max_connections,
        loop_.get(),
        [this](UniqueFd socket) { server_->Serve(std::move(socket)); });
    if (!door.ok()) return door.status();
    door_ = *std::move(door);
    return absl::OkStatus();
  }

  const Roles roles_;
  UniqueFd terminate_;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<Link> link_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Door> door_;
};

}  // namespace

absl::Status RunGateway(UniqueFd channel) {
  absl::Status hardened = GiveUpPrivileges();
  if (!hardened.ok()) return hardened;
  wire::FrameReader reader(wire::kControlFrameMax);
  absl::StatusOr<Setup> setup = ReadSetup(channel.get(), &reader);
  if (!setup.ok()) return setup.status();
  int listener = static_cast<int>(setup->listen_fd());
  absl::Status kept = KeepOnly(channel.get(), listener);
  if (!kept.ok()) return kept;
  absl::StatusOr<size_t> max = MakeRoom(setup->max_connections());
  if (!max.ok()) return max.status();
  // Never destroyed: the end of gRPC's server waits for its clients, the end of
  // the process for nobody.
  auto* gateway = new Gateway(*setup);
  absl::Status opened =
      gateway->Open(std::move(channel), std::move(reader), *setup, *max);
  return opened.ok() ? gateway->Run() : opened;
}

}  // namespace drover::admin
