// The other side of the control socket: the program that gives an order.
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <chrono>
#include <iostream>

#include "absl/strings/match.h"
#include "conformance/supervisor_testee/control.h"

namespace drover::conformance {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPatience = 20s;
constexpr timespec kLook = {0, 5'000'000};
constexpr int kUnknownOrder = 64;

// The socket is there once the supervisor runs.
Fd Connect(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  ::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  Clock::time_point deadline = Clock::now() + kPatience;
  while (Clock::now() < deadline) {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                  sizeof(address)) == 0) {
      return fd;
    }
    ::nanosleep(&kLook, nullptr);
  }
  return Fd();
}

}  // namespace

int GiveOrder(const std::string& path, const std::string& order) {
  Fd fd = Connect(path);
  if (!fd.open()) {
    std::cerr << "no supervisor listens at " << path << "\n";
    return 1;
  }
  std::string line = order + "\n";
  ::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL);
  std::string answer;
  char buffer[4096];
  ssize_t size = 0;
  while ((size = ::recv(fd.get(), buffer, sizeof(buffer), 0)) > 0) {
    answer.assign(buffer, static_cast<size_t>(size));
    std::cout << answer << std::flush;
  }
  if (answer == "unknown\n") return kUnknownOrder;
  return absl::EndsWith(answer, "done\n") ? 0 : 1;
}

}  // namespace drover::conformance
