#include "supervisor/admin/fake_supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

extern char** environ;

namespace drover::admin {
namespace {

using control::v1::Setup;
using control::v1::ToGateway;
using control::v1::ToSupervisor;
using Clock = std::chrono::steady_clock;

constexpr int kChannelFd = 3;
constexpr int kListenFd = 4;
// Above the descriptors that the gateway inherits.
constexpr int kOutOfTheWay = 16;

bool WaitReadable(int fd, Clock::time_point deadline) {
  while (true) {
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd poll = {fd, POLLIN, 0};
    int ready = ::poll(&poll, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

std::optional<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

std::string ToFrame(const ToGateway& message) {
  std::string bytes;
  wire::AppendFrame(message.SerializeAsString(), wire::kControlFrameMax, &bytes)
      .IgnoreError();
  return bytes;
}

}  // namespace

Setup FakeSupervisor::OwnUser() {
  Setup setup;
  setup.set_max_connections(64);
  control::v1::Role* role = setup.add_roles();
  role->set_uid(::getuid());
  role->set_operate(true);
  control::v1::Health::Entry* entry = setup.mutable_health()->add_entries();
  entry->set_serving(true);
  return setup;
}

std::unique_ptr<FakeSupervisor> FakeSupervisor::Start(Setup setup,
                                                      const ToGateway& behind) {
  std::unique_ptr<FakeSupervisor> fake(new FakeSupervisor);
  std::array<int, 2> pair;
  if (!fake->Listen() ||
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) < 0) {
    std::perror("fake supervisor");
    return nullptr;
  }
  fake->channel_ = UniqueFd(pair[0]);
  if (!fake->Spawn(UniqueFd(pair[1]))) return nullptr;
  if (setup.listen_fd() == 0) setup.set_listen_fd(kListenFd);
  ToGateway first;
  *first.mutable_setup() = std::move(setup);
  std::string bytes = ToFrame(first);
  if (behind.body_case() != ToGateway::BODY_NOT_SET) bytes += ToFrame(behind);
  fake->SendBytes(bytes);
  return fake;
}

FakeSupervisor::~FakeSupervisor() {
  channel_ = UniqueFd();
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::unlink(path_.c_str());
  ::rmdir(directory_.c_str());
}

bool FakeSupervisor::Listen() {
  char directory[] = "/tmp/drover-XXXXXX";
  if (::mkdtemp(directory) == nullptr) return false;
  directory_ = directory;
  path_ = directory_ + "/admin.sock";
  auto address = AddressOf(path_);
  listener_ = UniqueFd(
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Open to all: who may come in is the gateway's to say here.
  return ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&*address),
                sizeof(*address)) == 0 &&
         ::chmod(directory, 0755) == 0 && ::chmod(path_.c_str(), 0777) == 0 &&
         ::listen(listener_.get(), 4096) == 0;
}

bool FakeSupervisor::Spawn(UniqueFd gateway_end) {
  UniqueFd channel(::fcntl(gateway_end.get(), F_DUPFD_CLOEXEC, kOutOfTheWay));
  UniqueFd listener(::fcntl(listener_.get(), F_DUPFD_CLOEXEC, kOutOfTheWay));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, channel.get(), kChannelFd);
  posix_spawn_file_actions_adddup2(&actions, listener.get(), kListenFd);
  std::string path = kGatewayPath;
  std::array<char*, 2> argv = {path.data(), nullptr};
  int error = ::posix_spawn(&pid_, kGatewayPath, &actions, nullptr, argv.data(),
                            environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == 0) return true;
  std::fprintf(stderr, "%s: %s\n", kGatewayPath, std::strerror(error));
  pid_ = -1;
  return false;
}

std::optional<ToSupervisor> FakeSupervisor::Next() {
  Clock::time_point deadline = Clock::now() + kPatience;
  std::array<char, 65536> buffer;
  while (true) {
    auto frame = reader_.Next();
    if (!frame.ok()) return std::nullopt;
    if (frame->has_value()) {
      ToSupervisor message;
      if (!message.ParseFromString(std::string(**frame))) return std::nullopt;
      return message;
    }
    if (!WaitReadable(channel_.get(), deadline)) return std::nullopt;
    ssize_t size = ::recv(channel_.get(), buffer.data(), buffer.size(), 0);
    if (size <= 0) return std::nullopt;
    reader_.Append(absl::string_view(buffer.data(), size));
  }
}

bool FakeSupervisor::WaitForInput(int other) {
  if (reader_.mid_frame()) return true;
  std::array<pollfd, 2> poll = {
      {{channel_.get(), POLLIN, 0}, {other, POLLIN, 0}}};
  while (::poll(poll.data(), poll.size(), -1) < 0) {
  }
  return poll[1].revents == 0;
}

std::optional<control::v1::Call> FakeSupervisor::NextCall() {
  std::optional<ToSupervisor> message = Next();
  if (!message.has_value() || !message->has_call()) return std::nullopt;
  return message->call();
}

bool FakeSupervisor::WaitReady() {
  std::optional<ToSupervisor> message = Next();
  return message.has_value() && message->has_ready();
}

bool FakeSupervisor::Send(const ToGateway& message) {
  return SendBytes(ToFrame(message));
}

bool FakeSupervisor::SendBytes(absl::string_view bytes) {
  std::lock_guard<std::mutex> lock(send_mutex_);
  while (!bytes.empty()) {
    ssize_t size =
        ::send(channel_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

bool FakeSupervisor::Reply(uint64_t call,
                           const google::protobuf::MessageLite& response) {
  ToGateway message;
  message.mutable_reply()->set_call(call);
  message.mutable_reply()->set_response(response.SerializeAsString());
  return Send(message);
}

bool FakeSupervisor::End(uint64_t call) { return Fail(call, 0, "", ""); }

bool FakeSupervisor::Fail(uint64_t call, int code, absl::string_view text,
                          absl::string_view detail) {
  ToGateway message;
  message.mutable_end()->set_call(call);
  message.mutable_end()->set_code(code);
  message.mutable_end()->set_message(std::string(text));
  message.mutable_end()->set_detail(std::string(detail));
  return Send(message);
}

void FakeSupervisor::Signal(int signal) { ::kill(pid_, signal); }

std::optional<int> FakeSupervisor::WaitExit() {
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!WaitReadable(pidfd.get(), Clock::now() + kPatience)) return std::nullopt;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

UniqueFd Connect(const std::string& path) {
  auto address = AddressOf(path);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!address.has_value() || !fd.ok()) return UniqueFd();
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&*address),
                sizeof(*address)) < 0) {
    return UniqueFd();
  }
  int flags = ::fcntl(fd.get(), F_GETFL);
  ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK);
  return fd;
}

UniqueFd ConnectAs(const std::string& path, uid_t uid) {
  UniqueFd fd;
  std::thread([&] {
    // The system call, not the function: that one changes all threads.
    if (::syscall(SYS_setresuid, -1, uid, -1) == 0) fd = Connect(path);
  }).join();
  return fd;
}

}  // namespace drover::admin
