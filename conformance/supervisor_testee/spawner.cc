#include "conformance/supervisor_testee/spawner.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "conformance/trial/process.h"

namespace drover::conformance {
namespace {

constexpr int kChannel = 3;
constexpr int kListener = 4;
constexpr int kLeaked = 5;
constexpr int kBacklog = 16;

Fd Copy(const Fd& fd) { return Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

// A mutant's: a process that holds a descriptor for as long as it lives.
void HoldElsewhere(const Fd& fd) {
  if (::fork() != 0) return;
  ::fcntl(fd.get(), F_SETFD, 0);
  ::execlp("sleep", "sleep", "1000", nullptr);
  ::_exit(127);
}

}  // namespace

Spawner::Spawner(const Settings& settings) : settings_(settings) {
  if (!settings_.listener.empty()) OpenListener();
}

void Spawner::OpenListener() {
  int flags = settings_.Faulty("blocking_listener") ? 0 : SOCK_NONBLOCK;
  listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::string path = settings_.directory + "/listener";
  ::unlink(path.c_str());
  ::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
         sizeof(address));
  ::listen(listener_.get(), kBacklog);
}

Pair Spawner::ChannelFor(uint32_t slot) {
  if (!settings_.Faulty("same_channel")) return SocketPair();
  Pair& kept = kept_[slot];
  if (!kept.first.open()) kept = SocketPair();
  return {Copy(kept.first), Copy(kept.second)};
}

std::vector<std::string> Spawner::Environment() const {
  std::vector<std::string> environment = PlainEnvironment();
  environment.push_back(absl::StrCat("DROVER_FD=", kChannel));
  environment.push_back("DROVER_PROTOCOL=1");
  if (listener_.open()) {
    environment.push_back(
        absl::StrCat("DROVER_LISTEN_FDS=", kListener, ":", settings_.listener));
  } else if (settings_.Faulty("empty_variable")) {
    environment.push_back("DROVER_LISTEN_FDS=");
  }
  if (settings_.Faulty("passes_its_own_on")) {
    environment.push_back("DROVER_CONFORMANCE_SECRET=1");
  }
  return environment;
}

absl::StatusOr<std::unique_ptr<Worker>> Spawner::Start(uint32_t slot) {
  auto [ours, theirs] = ChannelFor(slot);
  if (listener_.open() && settings_.Faulty("fresh_listener")) OpenListener();
  std::vector<Inherited> fds = {
      {0, 0}, {1, 1}, {2, 2}, {theirs.get(), kChannel}};
  if (listener_.open()) fds.push_back({listener_.get(), kListener});
  if (settings_.Faulty("leaks_descriptor")) fds.push_back({0, kLeaked});
  auto process = Process::Start({settings_.command, Environment(), fds});
  if (!process.ok()) return process.status();
  if (settings_.Faulty("ends_are_inherited")) HoldElsewhere(ours);
  Worker::Place place = {slot, ++incarnations_,
                         listener_.open() ? kListener : -1};
  return std::make_unique<Worker>(settings_, place, *std::move(process),
                                  std::move(ours));
}

}  // namespace drover::conformance
