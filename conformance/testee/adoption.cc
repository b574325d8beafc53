#include "conformance/testee/adoption.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace drover::conformance {
namespace {

constexpr int kExitConfig = 78;
constexpr size_t kFewListeners = 32;

std::string Variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? "" : value;
}

bool IsChannel(int fd, const Behaviour& behaviour) {
  struct stat file {};
  if (::fstat(fd, &file) != 0) return false;
  if (S_ISFIFO(file.st_mode)) return behaviour.Faulty("pipe_ok");
  if (S_ISREG(file.st_mode)) return behaviour.Faulty("file_ok");
  int value = 0;
  socklen_t size = sizeof(value);
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &size) != 0 ||
      value != AF_UNIX) {
    return false;
  }
  ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size);
  return value == SOCK_STREAM || behaviour.Faulty("datagram_ok");
}

bool OffersOne(const Behaviour& behaviour) {
  const char* set = ::getenv("DROVER_PROTOCOL");
  if (behaviour.Faulty("major_unchecked")) return true;
  if (set == nullptr) return !behaviour.Faulty("protocol_required");
  std::vector<std::string> offers = absl::StrSplit(set, ',');
  if (behaviour.Faulty("first_major_only")) return offers[0] == "1";
  return std::find(offers.begin(), offers.end(), "1") != offers.end();
}

bool HasUnknownVariable() {
  const std::set<std::string> known = {"DROVER_FD", "DROVER_PROTOCOL",
                                       "DROVER_LISTEN_FDS", "DROVER_TESTEE"};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string name =
        std::string(*entry).substr(0, std::string(*entry).find('='));
    if (absl::StartsWith(name, "DROVER_") && known.count(name) == 0) {
      return true;
    }
  }
  return false;
}

void SetCloseOnExec(int fd) { ::fcntl(fd, F_SETFD, FD_CLOEXEC); }

std::vector<std::pair<int, std::string>> ReadListeners(
    const Behaviour& behaviour) {
  std::vector<std::pair<int, std::string>> listeners;
  std::string foreign = Variable("LISTEN_PID");
  if (behaviour.Faulty("needs_listen_pid") && !foreign.empty() &&
      foreign != std::to_string(::getpid())) {
    return listeners;
  }
  for (absl::string_view entry :
       absl::StrSplit(Variable("DROVER_LISTEN_FDS"), ',', absl::SkipEmpty())) {
    std::pair<std::string, std::string> parts =
        absl::StrSplit(entry, absl::MaxSplits(':', 1));
    int number = 0;
    if (!absl::SimpleAtoi(parts.first, &number)) continue;
    SetCloseOnExec(number);
    listeners.push_back({number, parts.second});
  }
  return listeners;
}

}  // namespace

Adopted Adopt(const Behaviour& behaviour) {
  Adopted adopted;
  const char* number = ::getenv("DROVER_FD");
  bool fixed = behaviour.Faulty("hardcoded_3") ||
               (number == nullptr && behaviour.Faulty("assumes_3"));
  if (number == nullptr && !fixed) {
    int code = behaviour.Faulty("unsupervised_is_failure") ? 1 : 0;
    return {code, "not supervised, nothing to do", -1, {}};
  }
  if (fixed) {
    adopted.channel = 3;
  } else if (!absl::SimpleAtoi(number, &adopted.channel)) {
    return {kExitConfig, "DROVER_FD is no number", -1, {}};
  }
  if (!IsChannel(adopted.channel, behaviour)) {
    int code = behaviour.Faulty("closed_is_fine") ? 0
               : behaviour.Faulty("exits_with_1") ? 1
                                                  : kExitConfig;
    return {code, "no channel; a wrapper may have closed it", -1, {}};
  }
  if (!OffersOne(behaviour)) {
    return {kExitConfig, "speaks protocol 1 alone", -1, {}};
  }
  if (behaviour.Faulty("unknown_variable") && HasUnknownVariable()) {
    return {kExitConfig, "a variable of a later version", -1, {}};
  }
  if (!behaviour.Faulty("no_cloexec")) SetCloseOnExec(adopted.channel);
  adopted.listeners = ReadListeners(behaviour);
  if (behaviour.Faulty("few_listeners") &&
      adopted.listeners.size() > kFewListeners) {
    return {kExitConfig, "too many listeners", -1, {}};
  }
  return adopted;
}

}  // namespace drover::conformance
